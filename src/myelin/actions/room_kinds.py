"""What a room is for: the state `org.myelin.room`, as a client may ask for it and as the server writes it.

Every room but a space has a kind from the start, and nobody changes it. Who may make which kind is the policy's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from myelin.append.turn import Turn
from myelin.matrix.errors import Forbidden, InvalidRoomState
from myelin.matrix.json import JsonObject
from myelin.matrix.reserved_names import is_service

ROOM_KIND = "org.myelin.room"
MALFORMED = (
    "org.myelin.room says kind (direct, group, department, patient, consult, broadcast, role), and where it applies "
    "department (a text), watermark (true or false) and feed (critical, reports, notices); nothing else"
)

Kind = Literal["direct", "group", "department", "patient", "consult", "broadcast", "role"]
Feed = Literal["critical", "reports", "notices"]


class RoomKind(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The content of `org.myelin.room`."""

    kind: Kind | None = None
    department: str | None = None
    watermark: bool | None = None
    feed: Feed | None = None

    def content(self) -> JsonObject:
        """Return it as the content of a state event."""
        content: JsonObject = msgspec.to_builtins(self)
        return content


class Wishes(msgspec.Struct, frozen=True):
    """What else of a wanted room bears on its kind."""

    invite: Sequence[str]
    is_direct: bool
    is_public: bool
    is_space: bool


def room_kind(turn: Turn, creator: str, given: JsonObject | None, wishes: Wishes) -> RoomKind | None:
    """Return the kind of a room that somebody makes, None for a space; refused where it is malformed or not theirs.

    `given` is the content that they want, None where they leave it to the server.
    """
    asked = parsed(given)
    if wishes.is_space:
        if given is not None:
            raise InvalidRoomState("a space has no kind; leave org.myelin.room out")
        check_right(turn, creator, None)
        return None
    kind = msgspec.structs.replace(asked, kind=asked.kind or usual_kind(wishes))
    check_consistent(kind, wishes)
    check_said_by_service(kind, creator)
    check_right(turn, creator, kind.kind)
    if kind.kind == "direct" and len(wishes.invite) > 1:
        check_company(turn, creator)
    return kind


def parsed(given: JsonObject | None) -> RoomKind:
    """Return a wanted kind; `InvalidRoomState` where it is malformed."""
    try:
        return msgspec.convert(given or {}, RoomKind)
    except msgspec.ValidationError:
        raise InvalidRoomState(MALFORMED) from None


def usual_kind(wishes: Wishes) -> Kind:
    """Return what a room is where nobody says it."""
    return "direct" if wishes.is_direct and len(wishes.invite) == 1 and not wishes.is_public else "group"


def check_consistent(kind: RoomKind, wishes: Wishes) -> None:
    """Raise `InvalidRoomState` where the kind contradicts the rest of what is wanted."""
    if kind.kind == "direct" and wishes.is_public:
        raise InvalidRoomState("a direct chat is not public")
    if kind.feed is None:
        return
    if kind.kind != "direct" or not wishes.is_direct or len(wishes.invite) != 1:
        raise InvalidRoomState("a feed is a direct chat with one person: set is_direct and invite that person")


def check_said_by_service(kind: RoomKind, creator: str) -> None:
    """Raise `Forbidden` where a person says what only services and the server say."""
    if is_service(creator):
        return
    if kind.feed is not None:
        raise Forbidden("only the hospital's services have feeds")
    if kind.department is not None:
        raise Forbidden("which department a room belongs to is said by the hospital's services and the server")


def check_right(turn: Turn, creator: str, kind: str | None) -> None:
    """Raise `Forbidden` where the hospital does not let them make rooms of this kind."""
    user = turn.user(creator)
    if user is None:
        raise Forbidden("there is no such account")
    turn.policy.check_kind(kind, user)


def check_company(turn: Turn, creator: str) -> None:
    """Raise `Forbidden` where they may not make a direct chat one of more than two."""
    user = turn.user(creator)
    if user is not None:
        turn.policy.check_company(user)
