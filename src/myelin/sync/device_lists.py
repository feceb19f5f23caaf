"""The `device_lists` section, and `/keys/changes`: whose device lists a client has to ask for anew, or forget.

Within (since, upto], `changed` are the people who share a room with the viewer at `upto` and whose devices or
cross-signing keys changed, or who did not share one at `since` (the viewer counts as sharing); `left` are those who
shared one at `since` and do not at `upto`. A room that everybody is in does not count (see `Room.shares_devices`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import asyncpg
import msgspec

from myelin.append.loading import Loading
from myelin.schema.queries import load_queries
from myelin.state.user import User
from myelin.sync.device_changes import Change, DeviceChanges
from myelin.sync.reading import Reading
from myelin.sync.section import NOTHING, SectionFields


class ChangedDeviceLists(msgspec.Struct, frozen=True):
    """Whose device lists are new, and whose are no longer needed."""

    changed: Sequence[str] = ()
    left: Sequence[str] = ()


class Sharing(msgspec.Struct, frozen=True, gc=False):
    """Whether somebody shares a room with the viewer at the beginning and at the end."""

    at_since: bool
    at_upto: bool


UNCHANGED = ChangedDeviceLists()
APART = Sharing(False, False)


class DeviceLists:
    """Reads changed device lists: from memory where nobody's membership is concerned, else from the projections."""

    def __init__(self, pool: asyncpg.Pool, loading: Loading, changes: DeviceChanges) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.sync", "device_lists.sql")
        self._loading = loading
        self._changes = changes

    async def read(self, reading: Reading) -> SectionFields:
        """Return `device_lists` of an incremental sync; nothing where nothing changed."""
        if reading.initial:
            return NOTHING
        lists = await self.between(reading.user, reading.since, reading.upto)
        if lists is UNCHANGED or not (lists.changed or lists.left):
            return NOTHING
        return SectionFields({"device_lists": {"changed": lists.changed, "left": lists.left}}, is_news=True)

    async def between(self, user: User, since: int, upto: int) -> ChangedDeviceLists:
        """Return what changed for a person within (since, upto]."""
        if since >= upto:
            return UNCHANGED
        if since < self._changes.floor:
            return await self._from_database(user, since, upto)
        # Also those after upto: the rooms and people in memory may have gone further.
        changes = list(self._changes.after(since))
        return await self._from_changes(user, since, upto, changes) if changes else UNCHANGED

    async def _from_changes(self, user: User, since: int, upto: int, changes: Sequence[Change]) -> ChangedDeviceLists:
        seen = [change for change in changes if change.position <= upto and change.seen_by in (None, user.user_id)]
        device_changed = {change.user_id for change in seen if change.room_id is None}
        moved = {change.user_id for change in changes if change.room_id is not None}
        if user.user_id in moved or "" in moved:
            people = await self._neighbours(user, since, upto, seen) | device_changed
            sharing = await self._sharing_of(user, since, upto, people - {user.user_id})
        else:
            people = {change.user_id for change in seen if change.room_id in user.rooms} | device_changed
            sharing = await self._sharing_with(user, since, upto, people - {user.user_id}, changes)
        return changed_lists(user.user_id, device_changed, sharing)

    async def _sharing_with(
        self, user: User, since: int, upto: int, people: Iterable[str], changes: Sequence[Change]
    ) -> dict[str, Sharing]:
        """Return who of these shares a room when with a person who has not moved: from memory where it can tell."""
        sharing: dict[str, Sharing] = {}
        unknown: list[str] = []
        for other_id in people:
            known = await self._remembered(user, other_id, upto, first_moves(other_id, changes))
            if known is None:
                unknown.append(other_id)
            else:
                sharing[other_id] = known
        return sharing | await self._sharing_of(user, since, upto, unknown)

    async def _remembered(self, user: User, other_id: str, upto: int, moves: Mapping[str, Change]) -> Sharing | None:
        """Return when two people share a room, None where memory cannot tell; `moves` are the other's first by room."""
        other = await self._loading.user(other_id)
        if other is None or other.rooms_position > upto:
            return None
        at_since = at_upto = False
        for room_id, there in other.rooms.items():
            mine, move = user.rooms.get(room_id), moves.get(room_id)
            if mine is None or mine.membership != "join":
                continue
            # Who left may have been here or only invited.
            if move is not None and not move.joined:
                return None
            if there.membership == "join" and await self._counts(room_id):
                at_upto, at_since = True, at_since or move is None
        return Sharing(at_since, at_upto)

    async def _counts(self, room_id: str) -> bool:
        room = await self._loading.room(room_id)
        return room is not None and room.shares_devices

    async def _neighbours(self, user: User, since: int, upto: int, changes: Iterable[Change]) -> set[str]:
        """Return everybody whose sharing with a person may have changed who moved, or whose room became another."""
        people = {change.user_id for change in changes if change.room_id is not None}
        rooms = {change.room_id for change in changes if change.user_id in ("", user.user_id)} - {None}
        rows = await self._pool.fetch(self._queries["members_at_either"], list(rooms), since, upto) if rooms else ()
        return (people | {row["user_id"] for row in rows}) - {""}

    async def _sharing_of(self, user: User, since: int, upto: int, people: Iterable[str]) -> dict[str, Sharing]:
        names = list(people)
        if not names:
            return {}
        rows = await self._pool.fetch(self._queries["sharing_of_people"], user.user_id, names, since, upto)
        return sharing_by_user(rows)

    async def _from_database(self, user: User, since: int, upto: int) -> ChangedDeviceLists:
        rows = await self._pool.fetch(self._queries["sharing"], user.user_id, since, upto)
        sharing = sharing_by_user(rows)
        names = [*sharing, user.user_id]
        changed = await self._pool.fetch(self._queries["changed_devices"], user.user_id, names, since, upto)
        return changed_lists(user.user_id, {row["user_id"] for row in changed}, sharing)


def first_moves(user_id: str, changes: Iterable[Change]) -> dict[str, Change]:
    """Return a person's first move in each room; `changes` are newest first."""
    return {change.room_id: change for change in changes if change.user_id == user_id and change.room_id is not None}


def sharing_by_user(rows: Iterable[asyncpg.Record]) -> dict[str, Sharing]:
    return {row["user_id"]: Sharing(row["at_since"], row["at_upto"]) for row in rows}


def changed_lists(me: str, device_changed: set[str], sharing: Mapping[str, Sharing]) -> ChangedDeviceLists:
    """Return the lists that follow from whose devices changed and who shares a room when."""
    sharing = {**sharing, me: Sharing(True, True)}
    changed = [name for name, at in sharing.items() if at.at_upto and (name in device_changed or not at.at_since)]
    left = [name for name, at in sharing.items() if at.at_since and not at.at_upto]
    return ChangedDeviceLists(sorted(changed), sorted(left))
