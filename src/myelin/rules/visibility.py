"""Which events of a room a person may see (Matrix specification, "Room History Visibility").

Everything is decided per event, from the history visibility and the person's own
memberships around it. Nothing here knows where these are kept, or which events exist.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, TypeAlias, get_args

import msgspec

HistoryVisibility: TypeAlias = Literal["world_readable", "shared", "invited", "joined"]

HISTORY_VISIBILITIES: tuple[HistoryVisibility, ...] = get_args(HistoryVisibility)


class MembershipInterval(msgspec.Struct, frozen=True, gc=False):
    """A membership that one member event gave and the next took away.

    It holds after the event at `from_position` and until the event at `to_position`;
    None: it still holds.
    """

    membership: str
    from_position: int
    to_position: int | None = None


def history_visibility_of(content: Mapping[str, object] | None) -> HistoryVisibility:
    """The visibility that the content of `m.room.history_visibility` sets; None: there is no such event."""
    # By default if no history_visibility is set, or if the value is not understood, it is assumed to be shared.
    value = content.get("history_visibility") if content else None
    return next((known for known in HISTORY_VISIBILITIES if known == value), "shared")


def visible(
    position: int, visibilities: Collection[HistoryVisibility], memberships: Sequence[MembershipInterval]
) -> bool:
    """Whether a person with these memberships in the room, up to now, sees the event at `position`.

    `visibilities` is what held before and what held after the event: two only for
    `m.room.history_visibility` itself, which is seen if either would show it. A person's own
    member event, too, is seen if the membership before or after it would show it; no other event
    changes a membership, so that needs no case of its own.
    """
    around = {membership_before(position, memberships), membership_after(position, memberships)}
    joined_later = any(each.membership == "join" and each.from_position > position for each in memberships)
    return any(_allowed(visibility, each, joined_later) for visibility in visibilities for each in around)


def membership_before(position: int, memberships: Sequence[MembershipInterval]) -> str:
    """What the person was just before the event at `position`; `leave` where they never were anything."""
    for each in memberships:
        if each.from_position < position and (each.to_position is None or position <= each.to_position):
            return each.membership
    return "leave"


def membership_after(position: int, memberships: Sequence[MembershipInterval]) -> str:
    """What the person was just after the event at `position`; `leave` where they never were anything."""
    for each in memberships:
        if each.from_position <= position and (each.to_position is None or position < each.to_position):
            return each.membership
    return "leave"


def _allowed(visibility: HistoryVisibility, membership: str, joined_later: bool) -> bool:
    # 1. If the history_visibility was set to world_readable, allow.
    if visibility == "world_readable":
        return True
    # 2. If the user's membership was join, allow.
    if membership == "join":
        return True
    # 3. If history_visibility was set to shared, and the user joined the room at any point after the event, allow.
    if visibility == "shared":
        return joined_later
    # 4. If the user's membership was invite, and the history_visibility was set to invited, allow.
    # In all cases except world_readable, a user needs to join a room to view events in that room: so not before.
    # 5. Otherwise, deny.
    return visibility == "invited" and membership == "invite" and joined_later
