"""Sending a message event (client-server API, "Sending events to a room")."""

from __future__ import annotations

from myelin.actions.sender import Sender
from myelin.append.proposal import Needs, Proposal
from myelin.append.room_events import NewEvent, relation
from myelin.append.turn import Turn
from myelin.entries.entry import transaction_key
from myelin.matrix.errors import InvalidParam
from myelin.matrix.json import JsonObject
from myelin.rules.relations import ANNOTATION, REPLACE
from myelin.state.kinship import Kinship

# What the standard knows as state: sent without a state key it would look like state and be none.
STATE_ONLY = frozenset(
    {
        "m.room.aliases",
        "m.room.avatar",
        "m.room.canonical_alias",
        "m.room.create",
        "m.room.encryption",
        "m.room.guest_access",
        "m.room.history_visibility",
        "m.room.join_rules",
        "m.room.member",
        "m.room.name",
        "m.room.pinned_events",
        "m.room.power_levels",
        "m.room.server_acl",
        "m.room.third_party_invite",
        "m.room.tombstone",
        "m.room.topic",
        "m.space.child",
        "m.space.parent",
        "org.myelin.room",
    }
)


def send_event(sender: Sender, room_id: str, event_type: str, content: JsonObject, txn_id: str) -> Proposal[str]:
    """Propose a message event; the answer is its id, for a repeated `txn_id` the id that the first one got."""
    if not event_type or event_type in STATE_ONLY:
        raise InvalidParam("a message needs an event type that is no room state; set state with PUT .../state/...")
    transaction = f"send/{one_segment(event_type)}/{txn_id}"
    new = NewEvent(
        type=event_type,
        sender=sender.user_id,
        content=content,
        device_id=sender.device_id,
        transaction=transaction,
    )

    def propose(turn: Turn) -> str:
        return turn.send(room_id, new).event_id

    key = transaction_key(sender.user_id, sender.device_id, room_id, transaction)
    return Proposal(propose, key=key, again=lambda event_id: event_id, needs=needs(sender.user_id, content))


def needs(sender_id: str, content: JsonObject) -> Needs | None:
    """Return what a message that relates to another one will be checked against."""
    rel_type, related = relation(content)
    if rel_type is None or related is None:
        return None
    counted = rel_type in (ANNOTATION, REPLACE)
    return Needs(events=(related,), children=(Kinship(related, rel_type, sender_id),) if counted else ())


def one_segment(event_type: str) -> str:
    """Return an event type without a slash, so that it and the txnId after it stay apart."""
    return event_type.replace("%", "%25").replace("/", "%2F")
