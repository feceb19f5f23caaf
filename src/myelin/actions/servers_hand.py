"""The server's own hand: the account that makes the directory's rooms, stays in them, lets people in and removes them.

It has no password and no device, so nobody can ever sign in as it; its name can be no person's.
"""

from __future__ import annotations

import msgspec

from myelin.actions.sender import Sender
from myelin.append.proposal import Lane, Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import AccountCreated, ProfileSet
from myelin.matrix.errors import NotFound
from myelin.matrix.reserved_names import hand_of

DISPLAY_NAME = "Myelin"
NO_DEVICE = ""


def make_hand() -> Proposal[None]:
    """Propose the account, unless it is there. In a turn of its own: what a turn makes it cannot look up."""

    def propose(turn: Turn) -> None:
        hand = hand_of(turn.origin.server_name)
        if turn.user(hand) is not None:
            return
        turn.emit(Draft(facts=AccountCreated("server"), sender=hand))
        turn.emit(Draft(facts=ProfileSet("displayname"), sender=hand, body=msgspec.json.encode(DISPLAY_NAME)))

    return Proposal(propose, lane=Lane.BULK)


def servers_hand(turn: Turn) -> Sender:
    """Return the hand as the one who acts; `NotFound` before `make_hand`."""
    hand = hand_of(turn.origin.server_name)
    if turn.user(hand) is None:
        raise NotFound("the server has no hand yet")
    return Sender(hand, NO_DEVICE)
