"""The hospital's rules on room events: encryption is not optional, and what protects a room stays.

Refusals carry the reason. Roles and departments come with the permissions issue; this is where they will be asked.
"""

from __future__ import annotations

import msgspec

from myelin.matrix.errors import Forbidden
from myelin.matrix.events import EventDraft
from myelin.matrix.json import JsonObject
from myelin.state.room import Room

# What says who may be here and read along: to redact it would leave a room that nobody governs.
PROTECTED_STATE = frozenset(
    {"m.room.create", "m.room.member", "m.room.power_levels", "m.room.encryption", "org.myelin.room"}
)
PLAIN_CONTENT = frozenset({"m.room.message", "m.sticker", "m.poll.start", "org.matrix.msc3381.poll.start"})
SERVER_ONLY_STATE = frozenset({"org.myelin.room"})


class Policy(msgspec.Struct, frozen=True):
    """What the site has chosen."""

    require_encryption: bool = True

    def check_event(self, draft: EventDraft, room: Room) -> None:
        """Raise `Forbidden`, with the reason, where the hospital does not want this event."""
        if self.require_encryption and room.encrypted and is_plain_content(draft):
            raise Forbidden("messages in this room must be encrypted; use a client that supports encryption")

    def check_state_type(self, event_type: str) -> None:
        """Raise `Forbidden` where state of this type is the server's to set once the room is there."""
        if event_type in SERVER_ONLY_STATE:
            raise Forbidden("what kind of room this is was decided when it was made")

    def check_redaction(self, event_type: str) -> None:
        """Raise `Forbidden` where redacting an event of this type would take the room its protection."""
        if event_type in PROTECTED_STATE:
            raise Forbidden("this event protects the room and cannot be redacted")


def is_plain_content(draft: EventDraft) -> bool:
    """Whether an event carries readable content. Clients send verification in clear even in encrypted rooms."""
    return draft.type in PLAIN_CONTENT and not is_verification_request(draft.content)


def is_verification_request(content: JsonObject) -> bool:
    return content.get("msgtype") == "m.key.verification.request"
