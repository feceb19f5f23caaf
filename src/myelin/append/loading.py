"""Bringing into memory what a batch or a reader asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from myelin.append.memory import LoadTooOld, Memory
from myelin.append.overlay import BatchState, NotLoaded
from myelin.entries.entry import Entry
from myelin.matrix.errors import ResourceUnavailable
from myelin.state.acknowledgement import Acknowledgement, acknowledged
from myelin.state.alias import Alias
from myelin.state.fold import room_after, user_after
from myelin.state.kinship import Kinship
from myelin.state.room import Room
from myelin.state.user import User

ATTEMPTS = 5


class Loader(Protocol):
    """Reads from the projections. Rooms and people carry `as_of`: the head that the reading counts."""

    async def room(self, room_id: str) -> Room | None: ...
    async def user(self, user_id: str) -> User | None: ...
    async def events(self, event_ids: Sequence[str]) -> dict[str, Entry]: ...
    async def aliases(self, aliases: Sequence[str]) -> dict[str, Alias]: ...
    async def designated_rooms(self, designations: Sequence[str]) -> dict[str, str]: ...
    async def acknowledgements(self, event_ids: Sequence[str]) -> dict[str, Acknowledgement]: ...
    async def children(self, wanted: Sequence[Kinship]) -> dict[Kinship, list[Entry]]: ...
    async def answers(self, keys: Sequence[bytes]) -> dict[bytes, str]: ...


class Loading:
    """Loads each room or person once, however many ask at the same time."""

    def __init__(self, loader: Loader, memory: Memory) -> None:
        self._loader = loader
        self._memory = memory
        self._under_way: dict[str, asyncio.Task[None]] = {}

    async def room(self, room_id: str) -> Room | None:
        """Return a room as of the head, None where there is none."""
        if self._memory.loaded_room(room_id) is None:
            await self._once(room_id)
        return self._memory.loaded_room(room_id)

    async def user(self, user_id: str) -> User | None:
        """Return a person as of the head, None where there is no such account."""
        if self._memory.loaded_user(user_id) is None:
            await self._once(user_id)
        return self._memory.loaded_user(user_id)

    async def answers(self, keys: Sequence[bytes]) -> dict[bytes, str]:
        """Return the event ids ("" for other kinds) that these idempotency keys were given."""
        return await self._loader.answers(keys)

    async def load(self, missing: NotLoaded, batch: BatchState) -> None:
        """Load what a turn misses, and lay the batch's own entries on top."""
        await asyncio.gather(*map(self.room, missing.rooms), *map(self.user, missing.users))
        for room_id in missing.rooms:
            self._lay_room(room_id, batch)
        for user_id in missing.users:
            self._lay_user(user_id, batch)
        found = await self._loader.events(missing.events) if missing.events else {}
        batch.events.update(found)
        batch.absent.events.update(event_id for event_id in missing.events if event_id not in found)
        aliases = await self._loader.aliases(missing.aliases) if missing.aliases else {}
        batch.aliases.update((alias, aliases.get(alias)) for alias in missing.aliases)
        rooms = await self._loader.designated_rooms(missing.designations) if missing.designations else {}
        batch.designations.update((designation, rooms.get(designation)) for designation in missing.designations)
        if missing.acknowledgements:
            known = await self._loader.acknowledgements(missing.acknowledgements)
            batch.acknowledgements |= acknowledged(known, batch.entries)
        if missing.children:
            batch.children |= await self._loader.children(missing.children)

    def _lay_room(self, room_id: str, batch: BatchState) -> None:
        room = self._memory.loaded_room(room_id)
        if room is None:
            batch.absent.rooms.add(room_id)
            return
        after = room_after(room, batch.entries)
        if after is not room:
            batch.overlay.put_room(after)

    def _lay_user(self, user_id: str, batch: BatchState) -> None:
        user = self._memory.loaded_user(user_id)
        if user is None:
            batch.absent.users.add(user_id)
            return
        after = user_after(user, batch.entries)
        if after is not user:
            batch.overlay.put_user(after)

    async def _once(self, name: str) -> None:
        task = self._under_way.get(name)
        if task is None:
            task = asyncio.ensure_future(self._load_room(name) if name.startswith("!") else self._load_user(name))
            self._under_way[name] = task
            task.add_done_callback(lambda _: self._under_way.pop(name, None))
        await asyncio.shield(task)

    async def _load_room(self, room_id: str) -> None:
        for _ in range(ATTEMPTS):
            room = await self._loader.room(room_id)
            if room is None or self._memory.loaded_room(room_id) is not None:
                return
            try:
                self._memory.take_in_room(room)
                return
            except LoadTooOld:
                continue
        raise ResourceUnavailable

    async def _load_user(self, user_id: str) -> None:
        for _ in range(ATTEMPTS):
            user = await self._loader.user(user_id)
            if user is None or self._memory.loaded_user(user_id) is not None:
                return
            try:
                self._memory.take_in_user(user)
                return
            except LoadTooOld:
                continue
        raise ResourceUnavailable
