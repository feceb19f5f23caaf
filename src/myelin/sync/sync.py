"""`GET /sync`: reads every section up to the head, and waits for a wake-up where there is nothing to say."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Protocol

import orjson

from myelin.append.loading import Loading
from myelin.append.memory import Memory
from myelin.matrix.errors import UnknownToken
from myelin.state.user import User
from myelin.sync.reading import Reading, SyncRequest
from myelin.sync.rendering import Viewer
from myelin.sync.section import Section
from myelin.sync.token import SyncToken, TokenSeal
from myelin.sync.waiters import Waiters, wait

TIMEOUT_LIMIT_MS = 180_000
ANSWERED_LIMIT = 200_000


class LeafSource(Protocol):
    """Where the leaf of an older entry is found; see `myelin.log.log.Log`."""

    async def leaf(self, position: int) -> bytes | None: ...


class Sync:
    """Answers sync requests from memory where it can, from the projections where it must."""

    def __init__(
        self,
        memory: Memory,
        loading: Loading,
        waiters: Waiters,
        seal: TokenSeal,
        leaf: LeafSource,
        sections: Sequence[Section],
    ) -> None:
        self._memory = memory
        self._loading = loading
        self._waiters = waiters
        self._seal = seal
        self._leaf = leaf
        self._sections = sections
        self._answered = Answered()

    async def acknowledged(self, viewer: Viewer, since: SyncToken | None) -> SyncToken | None:
        """Return the token if this server gave it to this device and the log still goes through it."""
        if since is None or since.position > self._memory.head:
            return None
        user = await self._user(viewer)
        device = user.devices.get(viewer.device_id)
        leaf = self._memory.leaf(since.position) or await self._leaf.leaf(since.position)
        verified = device is not None and self._seal.verifies(since, device.number, leaf)
        return since if verified else None

    async def answer(self, viewer: Viewer, request: SyncRequest) -> bytes:
        """Return the body of an answer; at once where there is news, else when there is or when time is up."""
        deadline = time.monotonic() + min(request.timeout_ms, TIMEOUT_LIMIT_MS) / 1000
        while True:
            # Registered before reading: what is appended in between wakes this waiter.
            waiter = self._waiters.register(viewer.user_id)
            wake_count = self._waiters.wake_count(viewer.user_id)
            try:
                remaining_s = deadline - time.monotonic()
                if remaining_s <= 0 or not self._answered.nothing_since(viewer, request, wake_count):
                    fields, position, is_news = await self._read(viewer, request)
                    if is_news or request.since is None or request.full_state or remaining_s <= 0:
                        self._answered.remember(viewer, position, wake_count)
                        return orjson.dumps(fields)
                await wait(waiter, remaining_s)
            finally:
                self._waiters.leave(viewer.user_id, waiter)

    async def _read(self, viewer: Viewer, request: SyncRequest) -> tuple[Mapping[str, object], int, bool]:
        user = await self._user(viewer)
        since = request.since.position if request.since is not None else -1
        reading = Reading(user=user, viewer=viewer, since=since, upto=self._memory.head, request=request)
        fields: dict[str, object] = {"next_batch": await self._next_batch(reading)}
        is_news = False
        for section in self._sections:
            part = await section.read(reading)
            fields |= part.fields
            is_news = is_news or part.is_news
        return fields, reading.upto, is_news

    async def _next_batch(self, reading: Reading) -> str:
        device = reading.user.devices.get(reading.viewer.device_id)
        leaf = self._memory.leaf(reading.upto) or await self._leaf.leaf(reading.upto)
        if device is None or leaf is None:
            raise UnknownToken("this session has ended; sign in again")
        limit = reading.filter.timeline_limit if reading.filter.room.timeline.is_open else 0
        token = SyncToken(reading.upto, max(reading.since, 0), limit)
        return self._seal.seal(token, device.number, leaf)

    async def _user(self, viewer: Viewer) -> User:
        user = await self._loading.user(viewer.user_id)
        if user is None or not user.active:
            raise UnknownToken("this account is gone")
        return user


class Answered:
    """Where each device's last answer stood, so that one who comes straight back need not be read for again.

    A device that was not woken since has nothing new. Forgotten with the process: then it is read.
    """

    def __init__(self) -> None:
        self._last: dict[Viewer, tuple[int, int]] = {}

    def nothing_since(self, viewer: Viewer, request: SyncRequest, wake_count: int) -> bool:
        """Whether this request continues the last answer and nobody woke the person since."""
        if request.since is None or request.full_state:
            return False
        return self._last.get(viewer) == (request.since.position, wake_count)

    def remember(self, viewer: Viewer, position: int, wake_count: int) -> None:
        """Take note of an answer; `wake_count` is from before it was read."""
        if len(self._last) >= ANSWERED_LIMIT:
            self._last.clear()
        self._last[viewer] = (position, wake_count)
