"""The hospital's rules on room events: encryption is not optional, what protects a room stays, and the directory
alone says who is in the rooms that follow it.

Refusals carry the reason. Roles and departments come with the permissions issue; this is where they will be asked.
"""

from __future__ import annotations

import msgspec

from myelin.matrix.errors import Forbidden
from myelin.matrix.events import EventDraft
from myelin.matrix.json import JsonObject
from myelin.matrix.reserved_names import is_hand, is_service, is_station
from myelin.policy.audience import ALL, NOBODY, Audience
from myelin.state.acknowledgement import ACKNOWLEDGEMENT_TYPES
from myelin.state.room import Room
from myelin.state.user import User

# What says who may be here and read along: to redact it would leave a room that nobody governs.
PROTECTED_STATE = frozenset(
    {"m.room.create", "m.room.member", "m.room.power_levels", "m.room.encryption", "org.myelin.room"}
)
PLAIN_CONTENT = frozenset({"m.room.message", "m.sticker", "m.poll.start", "org.matrix.msc3381.poll.start"})
SERVER_ONLY_STATE = frozenset({"org.myelin.room"})
# What a client shows as the card of one of the hospital's systems.
CARD = "org.myelin.card"
# Join rules by which nobody comes in who was not invited.
CLOSED = ("invite", "private")
# Kinds of rooms that nobody makes but the server.
SERVER_MADE_KINDS = frozenset({"department", "role"})


class Policy(msgspec.Struct, frozen=True):
    """What the site has chosen: whether rooms must be encrypted, and who makes which kinds of rooms."""

    require_encryption: bool = True
    recall_limit_ms: int | None = None
    create_groups: Audience = ALL
    create_patient_rooms: Audience = NOBODY
    create_broadcasts: Audience = NOBODY

    def check_event(self, draft: EventDraft, room: Room) -> None:
        """Raise `Forbidden`, with the reason, where the hospital does not want this event."""
        check_no_station(draft.sender)
        if self.require_encryption and room.encrypted and is_plain_content(draft):
            raise Forbidden("messages in this room must be encrypted; use a client that supports encryption")
        if draft.type == "m.room.member" and not is_hand(draft.sender):
            check_membership(draft, room)
        if draft.type == "m.room.join_rules" and room.kind == "direct":
            check_closed(draft)
        if looks_like_a_card(draft) and not is_service(draft.sender):
            raise Forbidden("only the hospital's services may send what looks like the card of a system")

    def check_kind(self, kind: str | None, creator: User) -> None:
        """Raise `Forbidden` where this person may not make a room of a kind (None: a space)."""
        check_no_station(creator.user_id)
        if kind in SERVER_MADE_KINDS:
            raise Forbidden(f"rooms of kind {kind} are made by the server, from the hospital's directory")
        if kind != "direct" and not self._makers(kind, creator).holds(creator):
            raise Forbidden("the hospital has not given you the right to make such a room; ask its IT")

    def check_company(self, creator: User) -> None:
        """Raise `Forbidden` where this person may not make a direct chat one of more people."""
        if not self.create_groups.holds(creator):
            raise Forbidden("a direct chat is for two, and the hospital has not given you the right to make groups")

    def _makers(self, kind: str | None, creator: User) -> Audience:
        if kind == "patient":
            return ALL if is_service(creator.user_id) else self.create_patient_rooms
        return self.create_broadcasts if kind == "broadcast" else self.create_groups

    def check_state_type(self, event_type: str) -> None:
        """Raise `Forbidden` where state of this type is the server's to set once the room is there."""
        if event_type in SERVER_ONLY_STATE:
            raise Forbidden("what kind of room this is was decided when it was made")

    def check_recall(self, age_ms: int) -> None:
        """Raise `Forbidden` where a message is too old to be taken back by whoever sent it."""
        if self.recall_limit_ms is not None and age_ms > self.recall_limit_ms:
            raise Forbidden("this message is too old to be recalled; ask a moderator of the room where it must go")

    def check_redaction(self, event_type: str) -> None:
        """Raise `Forbidden` where redacting an event of this type would take the room its protection."""
        if event_type in PROTECTED_STATE:
            raise Forbidden("this event protects the room and cannot be redacted")
        if event_type in ACKNOWLEDGEMENT_TYPES:
            raise Forbidden("what was asked and acknowledged stays; ask again to change it")


def check_no_station(user_id: str) -> None:
    """Raise `Forbidden` where a ward's computer would act: nobody could say later who it was."""
    if is_station(user_id):
        raise Forbidden("a station only rings and shows; sign in as yourself to act")


def is_plain_content(draft: EventDraft) -> bool:
    """Whether an event carries readable content. Clients send verification in clear even in encrypted rooms."""
    return draft.type in PLAIN_CONTENT and not is_verification_request(draft.content)


def is_verification_request(content: JsonObject) -> bool:
    return content.get("msgtype") == "m.key.verification.request"


def looks_like_a_card(draft: EventDraft) -> bool:
    """Whether an event, or the edit that it is, is shown as a system's card. What is encrypted the client decides."""
    edited = draft.content.get("m.new_content")
    return draft.type == CARD or CARD in draft.content or (isinstance(edited, dict) and CARD in edited)


def check_membership(draft: EventDraft, room: Room) -> None:
    """Raise `Forbidden` for a change of membership that is the server's alone to make."""
    if draft.state_key is not None and is_hand(draft.state_key):
        raise Forbidden("this is the server itself; it cannot be invited or removed")
    if room.feed is not None and draft.sender != draft.state_key:
        raise Forbidden("a feed is for one person; others get one of their own")
    if room.follows_directory and not is_same_membership(draft, room):
        raise Forbidden("who is in this room follows the hospital's directory; ask those who keep it for a change")


def check_closed(draft: EventDraft) -> None:
    """Raise `Forbidden` where a direct chat would be opened to whoever finds it."""
    if draft.content.get("join_rule") not in CLOSED:
        raise Forbidden("a direct chat is for two; make a group where others are to come in by themselves")


def is_same_membership(draft: EventDraft, room: Room) -> bool:
    """Whether a member event of one's own changes a name or a picture only."""
    membership = draft.content.get("membership")
    return draft.sender == draft.state_key and membership == "join" == room.membership(draft.sender)
