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
            wanted = await self._neighbours(user, since, upto, seen) | device_changed
        else:
            mine = user.rooms
            wanted = {change.user_id for change in seen if change.room_id in mine} | (device_changed & moved)
        settled = device_changed - wanted - {user.user_id}
        sharing = await self._sharing_of(user, since, upto, wanted - {user.user_id})
        sharing |= {name: Sharing(True, True) for name in settled if await self._shares_now(user, name)}
        return changed_lists(user.user_id, device_changed, sharing)

    async def _neighbours(self, user: User, since: int, upto: int, changes: Iterable[Change]) -> set[str]:
        """Return everybody whose sharing with a person may have changed who moved, or whose room became another."""
        people = {change.user_id for change in changes if change.room_id is not None}
        rooms = {change.room_id for change in changes if change.user_id in ("", user.user_id)} - {None}
        rows = await self._pool.fetch(self._queries["members_at_either"], list(rooms), since, upto) if rooms else ()
        return (people | {row["user_id"] for row in rows}) - {""}

    async def _shares_now(self, user: User, other_id: str) -> bool:
        """Whether two people share a room, where neither has moved since the reading began."""
        other = await self._loading.user(other_id)
        if other is None:
            return False
        for room_id, membership in other.rooms.items():
            mine = user.rooms.get(room_id)
            if mine is None or mine.membership != "join" or membership.membership != "join":
                continue
            room = await self._loading.room(room_id)
            if room is not None and room.shares_devices:
                return True
        return False

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


def sharing_by_user(rows: Iterable[asyncpg.Record]) -> dict[str, Sharing]:
    return {row["user_id"]: Sharing(row["at_since"], row["at_upto"]) for row in rows}


def changed_lists(me: str, device_changed: set[str], sharing: Mapping[str, Sharing]) -> ChangedDeviceLists:
    """Return the lists that follow from whose devices changed and who shares a room when."""
    sharing = {**sharing, me: Sharing(True, True)}
    changed = [name for name, at in sharing.items() if at.at_upto and (name in device_changed or not at.at_since)]
    left = [name for name, at in sharing.items() if at.at_since and not at.at_upto]
    return ChangedDeviceLists(sorted(changed), sorted(left))
