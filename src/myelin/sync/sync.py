"""`GET /sync`: reads every section up to the head, and waits for a wake-up where there is nothing to say."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

import orjson
from msgspec.structs import replace

from myelin.append.loading import Loading
from myelin.append.memory import Memory
from myelin.ephemera.typing import Typing
from myelin.matrix.errors import UnknownToken
from myelin.state.user import User
from myelin.sync.reading import Reading, SyncRequest, TypingReading
from myelin.sync.rendering import Viewer
from myelin.sync.section import Section
from myelin.sync.token import SyncToken, TokenSeal
from myelin.sync.waiters import Waiters, wait

TIMEOUT_LIMIT_MS = 180_000
ANSWERED_LIMIT = 200_000
# Where an answer stands: its position, and the typing that it showed.
Stand = tuple[int, str]
# An answer that was held: whoever comes back with its token is read for, woken or not.
NOWHERE: Stand = (-1, "")


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
        catch_up: Callable[[], Awaitable[None]],
        typing: Typing,
        sections: Sequence[Section],
    ) -> None:
        self._memory = memory
        self._loading = loading
        self._waiters = waiters
        self._seal = seal
        self._leaf = leaf
        self._catch_up = catch_up
        self._typing = typing
        self._sections = sections
        self._answered = Answered()

    async def acknowledged(self, viewer: Viewer, since: SyncToken | None) -> SyncToken | None:
        """Return the token if this server gave it to this device and the log still goes through it."""
        if since is None:
            return None
        if since.position > self._memory.head:
            # Another process gave it a moment ago, or it comes from the lost future of a restored database.
            await self._catch_up()
            if since.position > self._memory.head:
                return None
        user = await self._user(viewer)
        device = user.devices.get(viewer.device_id)
        leaf = self._memory.leaf(since.position) or await self._leaf.leaf(since.position)
        verified = device is not None and self._seal.verifies(since, device.number, leaf)
        return since if verified else None

    async def answer(self, viewer: Viewer, request: SyncRequest) -> bytes:
        """Return the body of an answer; at once where there is news, else when there is or when time is up."""
        deadline = time.monotonic() + min(request.timeout_ms, TIMEOUT_LIMIT_MS) / 1000
        typing = self._typing_reading(request)
        while True:
            # Registered before reading: what is appended in between wakes this waiter.
            waiter = self._waiters.register(viewer.user_id)
            wake_count = self._waiters.wake_count(viewer.user_id)
            try:
                remaining_s = 0.0 if self._waiters.are_dismissed else deadline - time.monotonic()
                if remaining_s <= 0 or not self._answered.nothing_since(viewer, request, wake_count):
                    fields, stand, is_news = await self._read(viewer, request, typing)
                    if is_news or request.since is None or request.full_state or remaining_s <= 0:
                        self._answered.remember(viewer, stand, wake_count)
                        return orjson.dumps(fields)
                await wait(waiter, remaining_s)
            finally:
                self._waiters.leave(viewer.user_id, waiter)

    def _typing_reading(self, request: SyncRequest) -> TypingReading:
        seen = self._typing.seen(request.since.typing) if request.since is not None else -1
        # What another process has shown is unknown: the present state comes along once, and is no news by itself.
        return TypingReading(shown=seen, known=seen if seen >= 0 else self._typing.count)

    async def _read(
        self, viewer: Viewer, request: SyncRequest, typing: TypingReading
    ) -> tuple[Mapping[str, object], Stand, bool]:
        user = await self._user(viewer)
        reading = Reading(
            user=user,
            viewer=viewer,
            since=request.since.position if request.since is not None else -1,
            upto=self._memory.head,
            request=request,
            typing=typing,
            typing_version=self._typing.version,
        )
        fields: dict[str, object] = {}
        is_news = False
        for section in self._sections:
            part = await section.read(reading)
            fields |= part.fields
            is_news = is_news or part.is_news
            if part.held_at is not None and request.since is not None:
                fields["next_batch"] = await self._sealed(reading, held(request.since, part.held_at))
                return fields, NOWHERE, is_news
        fields["next_batch"] = await self._next_batch(reading)
        return fields, (reading.upto, reading.typing_version), is_news

    async def _next_batch(self, reading: Reading) -> str:
        limit = reading.filter.timeline_limit if reading.filter.room.shows_timelines else 0
        token = SyncToken(reading.upto, max(reading.since, 0), limit, reading.typing_version)
        return await self._sealed(reading, token)

    async def _sealed(self, reading: Reading, token: SyncToken) -> str:
        device = reading.user.devices.get(reading.viewer.device_id)
        leaf = self._memory.leaf(token.position) or await self._leaf.leaf(token.position)
        if device is None or leaf is None:
            raise UnknownToken("this session has ended; sign in again")
        return self._seal.seal(token, device.number, leaf)

    async def _user(self, viewer: Viewer) -> User:
        user = await self._loading.user(viewer.user_id)
        if user is None or not user.active:
            raise UnknownToken("this account is gone")
        return user


def held(since: SyncToken, to_device: int) -> SyncToken:
    """Return a token that stands where the last one stood, but for the messages to the device that came."""
    return replace(since, from_position=since.position, tag="", to_device=to_device)


class Answered:
    """Where each device's last answer stood, so that one who comes straight back need not be read for again.

    A device that was not woken since has nothing new. Forgotten with the process: then it is read.
    """

    def __init__(self) -> None:
        self._last: dict[Viewer, tuple[Stand, int]] = {}

    def nothing_since(self, viewer: Viewer, request: SyncRequest, wake_count: int) -> bool:
        """Whether this request continues the last answer and nobody woke the person since."""
        if request.since is None or request.full_state:
            return False
        return self._last.get(viewer) == ((request.since.position, request.since.typing), wake_count)

    def remember(self, viewer: Viewer, stand: Stand, wake_count: int) -> None:
        """Take note of an answer; `wake_count` is from before it was read."""
        if len(self._last) >= ANSWERED_LIMIT:
            self._last.clear()
        self._last[viewer] = (stand, wake_count)
