"""A room as the fold leaves it: ids and parsed authorisation facts, never a whole event.

Values are frozen and share what did not change, so an overlay over the state costs nothing to drop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from myelin.matrix.power_levels import PowerLevels
from myelin.matrix.reserved_names import is_hand
from myelin.matrix.room_versions import RoomVersion
from myelin.matrix.third_party_invites import ThirdPartyInvite


class StateRef(msgspec.Struct, frozen=True, gc=False):
    """The current state event of one (type, state_key), and the position of its entry."""

    event_id: str
    position: int


class Member(msgspec.Struct, frozen=True, gc=False):
    """A person's membership; `since` is where this membership began, whatever display names came after."""

    membership: str
    event_id: str
    position: int
    since: int


class ReadPoints(msgspec.Struct, frozen=True):
    """How far a person has read: the positions of their latest unthreaded receipt and of those by thread."""

    unthreaded: int = -1
    threads: Mapping[str, int] = {}

    def moved(self, thread: str | None, read_position: int) -> ReadPoints:
        """Return the points after one more receipt; a receipt never moves back."""
        if thread is None:
            return ReadPoints(max(self.unthreaded, read_position), self.threads)
        furthest = max(self.threads.get(thread, -1), read_position)
        return ReadPoints(self.unthreaded, {**self.threads, thread: furthest})

    def position(self, thread: str) -> int:
        """Return how far this thread ("main" for the room itself) has been read."""
        return max(self.unthreaded, self.threads.get(thread, -1))


NOTHING_READ = ReadPoints()


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that authorisation, sync and policy ask of a room.

    `number` is the position of its create entry, `as_of` the position up to which the loaded
    value already counts the log, `position` that of its last event. `predecessor` is the room that it replaces.
    """

    room_id: str
    number: int
    version: RoomVersion
    create_event_id: str
    creator: str
    creators: frozenset[str]
    federated: bool = True
    room_type: str | None = None
    predecessor: str | None = None
    kind: str | None = None
    department: str | None = None
    feed: str | None = None
    encrypted: bool = False
    power_levels: PowerLevels
    join_rule: str = "invite"
    join_allowed: tuple[str, ...] = ()
    history_visibility: str = "shared"
    state: Mapping[tuple[str, str], StateRef] = {}
    members: Mapping[str, Member] = {}
    reads: Mapping[str, ReadPoints] = {}
    latest_event_id: str = ""
    depth: int = 0
    position: int = -1
    as_of: int = -1

    @property
    def has_create(self) -> bool:
        return True

    def third_party_invite(self, token: str) -> ThirdPartyInvite | None:
        """Return None: there is no identity server here, so nobody is invited by an address."""
        return None

    def membership(self, user_id: str) -> str | None:
        """Return the person's membership, None where there never was one."""
        member = self.members.get(user_id)
        return member.membership if member is not None else None

    def joined(self) -> Iterator[str]:
        """Yield the people who are joined."""
        return (user_id for user_id, member in self.members.items() if member.membership == "join")

    def read_points(self, user_id: str) -> ReadPoints:
        """Return how far a person has read."""
        return self.reads.get(user_id, NOTHING_READ)

    @property
    def shares_devices(self) -> bool:
        """Whether its members count as sharing a room: an unencrypted broadcast of everybody does not."""
        return self.encrypted or self.kind != "broadcast"

    @property
    def is_announcements(self) -> bool:
        """Whether this is the room in which the hospital speaks to everybody: the server's own broadcast."""
        return self.kind == "broadcast" and is_hand(self.creator)

    @property
    def follows_directory(self) -> bool:
        """Whether the hospital's directory alone decides who is here."""
        return self.kind == "department" or self.is_announcements
