"""The state as one batch, or one proposal in it, sees it: what is in memory, and its own entries on top.

Dropping an overlay costs nothing and leaves no trace: values are frozen and shared.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from myelin.entries.entry import Entry
from myelin.rules.personal_rules import People
from myelin.state.acknowledgement import Acknowledgement
from myelin.state.alias import Alias
from myelin.state.fold import Loaded
from myelin.state.kinship import Kinship
from myelin.state.room import Room
from myelin.state.user import User


class NotLoaded(Exception):
    """A proposal asked for what is not in memory; the pool loads it and asks the proposal again."""

    def __init__(
        self,
        rooms: Iterable[str] = (),
        users: Iterable[str] = (),
        events: Iterable[str] = (),
        aliases: Iterable[str] = (),
        designations: Iterable[str] = (),
        acknowledgements: Iterable[str] = (),
        children: Iterable[Kinship] = (),
    ) -> None:
        self.rooms, self.users, self.events, self.aliases = tuple(rooms), tuple(users), tuple(events), tuple(aliases)
        self.designations, self.acknowledgements = tuple(designations), tuple(acknowledgements)
        self.children = tuple(children)
        super().__init__()


class Absent(msgspec.Struct, frozen=True):
    """What a batch knows not to exist, so that it is not looked for again."""

    rooms: set[str]
    users: set[str]
    events: set[str]


class Overlay:
    """A layer over memory or over another overlay; implements `Loaded` for the fold."""

    def __init__(self, below: Loaded) -> None:
        self._below = below
        self._rooms: dict[str, Room] = {}
        self._users: dict[str, User] = {}

    def loaded_room(self, room_id: str) -> Room | None:
        return self._rooms.get(room_id) or self._below.loaded_room(room_id)

    def loaded_user(self, user_id: str) -> User | None:
        return self._users.get(user_id) or self._below.loaded_user(user_id)

    def put_room(self, room: Room) -> None:
        self._rooms[room.room_id] = room

    def put_user(self, user: User) -> None:
        self._users[user.user_id] = user

    def merge_down(self) -> None:
        """Give everything to the layer below: the proposal is accepted."""
        for room in self._rooms.values():
            self._below.put_room(room)
        for user in self._users.values():
            self._below.put_user(user)


class BatchState:
    """What one batch has so far: its overlay, its entries, and the events it looked up.

    Aliases and designations that it looked up lead to None where they lead nowhere.
    """

    def __init__(self, below: Loaded, head: int, latest_at: int, people: People) -> None:
        self.overlay = Overlay(below)
        self.entries: list[Entry] = []
        self.events: dict[str, Entry] = {}
        self.aliases: dict[str, Alias | None] = {}
        self.designations: dict[str, str | None] = {}
        self.acknowledgements: dict[str, Acknowledgement] = {}
        self.children: dict[Kinship, list[Entry]] = {}
        self.absent = Absent(set(), set(), set())
        self.head = head
        self.latest_at = latest_at
        # As of the head: who changes their rules in this batch has not been answered yet.
        self.people = people

    @property
    def next_position(self) -> int:
        return self.head + len(self.entries) + 1
