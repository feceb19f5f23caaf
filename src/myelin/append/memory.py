"""The rooms and people in memory, as of the head that this process has seen.

A copy of the projections that the fold keeps current. Whatever is loaded while the log moves on is brought
up to the head from the recent entries, so a reader never sees a gap.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence

from myelin.entries.entry import Entry
from myelin.rules.personal_rules import People
from myelin.state.fold import fold, room_after, user_after
from myelin.state.room import Room
from myelin.state.user import User
from myelin.state.user_fold import push_rules_in

RECENT_ENTRIES = 4096


class LoadTooOld(Exception):
    """What was loaded is older than the recent entries reach back: load it again."""


class Memory:
    """What is loaded, bounded by count; least recently used goes first."""

    def __init__(self, rooms_limit: int = 20_000, users_limit: int = 50_000) -> None:
        self.head = -1
        self.latest_at = 0
        self.people = People()
        self._rooms: OrderedDict[str, Room] = OrderedDict()
        self._users: OrderedDict[str, User] = OrderedDict()
        self._recent: deque[Entry] = deque(maxlen=RECENT_ENTRIES)
        self._rooms_limit = rooms_limit
        self._users_limit = users_limit

    def loaded_room(self, room_id: str) -> Room | None:
        return self._rooms.get(room_id)

    def loaded_user(self, user_id: str) -> User | None:
        return self._users.get(user_id)

    def put_room(self, room: Room) -> None:
        self._rooms[room.room_id] = room
        self._rooms.move_to_end(room.room_id)
        if len(self._rooms) > self._rooms_limit:
            self._rooms.popitem(last=False)

    def put_user(self, user: User) -> None:
        self._users[user.user_id] = user
        self._users.move_to_end(user.user_id)
        if len(self._users) > self._users_limit:
            self._users.popitem(last=False)

    def publish(self, entries: Sequence[Entry]) -> None:
        """Fold entries that are durable; they follow the head without a gap."""
        for entry in entries:
            assert entry.position == self.head + 1, "an entry was skipped"
            fold(self, entry)
            self._fold_push_rules(entry)
            self._recent.append(entry)
            self.head, self.latest_at = entry.position, entry.at

    def _fold_push_rules(self, entry: Entry) -> None:
        content = push_rules_in(entry)
        if content is not None and entry.sender is not None:
            self.people.set_rules(entry.sender, content)

    def start_at(self, head: Entry) -> None:
        """Begin at the log's head; what came before is in the projections."""
        self.head, self.latest_at = head.position, head.at
        self._recent.append(head)

    def forget(self) -> None:
        """Drop everything that is loaded but the head: it is read again when somebody asks."""
        self._rooms.clear()
        self._users.clear()
        while len(self._recent) > 1:
            self._recent.popleft()

    def leaf(self, position: int) -> bytes | None:
        """Return the leaf of a recent entry, None for an older one."""
        index = position - self.head - 1
        if index >= 0 or -index > len(self._recent):
            return None
        return self._recent[index].leaf

    def recent_after(self, position: int) -> Iterable[Entry]:
        """Yield the recent entries after a position; `LoadTooOld` where they do not reach back so far."""
        if position >= self.head:
            return
        if not self._recent or self._recent[0].position > position + 1:
            raise LoadTooOld
        first = position + 1 - self._recent[0].position
        for index in range(first, len(self._recent)):
            yield self._recent[index]

    def take_in_room(self, room: Room) -> None:
        """Keep a room that was just loaded, brought up to the head."""
        self.put_room(room_after(room, self.recent_after(room.as_of)))

    def take_in_user(self, user: User) -> None:
        """Keep a person who was just loaded, brought up to the head."""
        self.put_user(user_after(user, self.recent_after(user.as_of)))
