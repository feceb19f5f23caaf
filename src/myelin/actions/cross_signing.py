"""A person's identity over their devices (client-server API, "Cross-signing"): its keys, and signatures by them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import CrossSigningSet, SignaturesAdded
from myelin.matrix import canonical_json
from myelin.matrix.errors import UnknownToken
from myelin.matrix.json import JsonObject
from myelin.rules.published_keys import USAGES

NewSignatures = Mapping[str, Mapping[str, Mapping[str, str]]]


def set_cross_signing(sender: Sender, keys: Mapping[str, JsonObject], keys_position: int) -> Proposal[bool]:
    """Propose these cross-signing keys as the only ones; false where others came after `keys_position` (-1: none)."""
    body = canonical_json.encode(dict(keys))

    def propose(turn: Turn) -> bool:
        user = turn.user(sender.user_id)
        if user is None or sender.device_id not in user.devices:
            raise UnknownToken("this session has ended; sign in again")
        if user.cross_signing_position != keys_position:
            return False
        # All usages, also one that is not among the keys: what an older master key has signed is void.
        facts = CrossSigningSet(USAGES)
        turn.emit(Draft(facts=facts, sender=sender.user_id, device_id=sender.device_id, body=body))
        return True

    return Proposal(propose)


def add_signatures(sender: Sender, signatures: NewSignatures) -> Proposal[None]:
    """Propose signatures by the sender, by the person and the key (device id or public key) that they are on."""
    body = msgspec.json.encode(signatures)

    def propose(turn: Turn) -> None:
        facts = SignaturesAdded(tuple(sorted(signatures)))
        turn.emit(Draft(facts=facts, sender=sender.user_id, device_id=sender.device_id, body=body))

    return Proposal(propose)
