"""`GET /sync`: reads every section up to the head, and waits for a wake-up where there is nothing to say."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

import msgspec
import orjson
from msgspec.structs import replace

from myelin.append.loading import Loading
from myelin.append.memory import Memory
from myelin.ephemera.typing import Typing
from myelin.matrix.errors import UnknownToken
from myelin.state.user import Device, User
from myelin.sync.reading import Reading, SyncRequest, TypingReading
from myelin.sync.rendering import Viewer
from myelin.sync.section import Section
from myelin.sync.token import SyncToken, TokenSeal, parse_token
from myelin.sync.waiters import Waiters, wait

TIMEOUT_LIMIT_MS = 180_000
ANSWERED_LIMIT = 200_000


class Answer(msgspec.Struct, frozen=True):
    """What was read for one request. A token that holds `to_device` says that more is there at once."""

    fields: Mapping[str, object]
    token: SyncToken
    next_batch: str
    is_news: bool


class Last(msgspec.Struct, frozen=True, gc=False):
    """The last answer of a device: its token as text and in parts, and how often the person had been woken."""

    text: str
    token: SyncToken
    wake_count: int


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

    async def acknowledged(self, viewer: Viewer, text: str) -> SyncToken | None:
        """Return the token if this server gave it to this device and the log still goes through it."""
        device = await self._device(viewer)
        return self._answered.token(device, text) or await self._verified(device, parse_token(text))

    async def _verified(self, device: Device, since: SyncToken) -> SyncToken | None:
        if since.position > self._memory.head:
            # Another process gave it a moment ago, or it comes from the lost future of a restored database.
            await self._catch_up()
            if since.position > self._memory.head:
                return None
        leaf = self._memory.leaf(since.position) or await self._leaf.leaf(since.position)
        return since if self._seal.verifies(since, device.number, leaf) else None

    async def answer(self, viewer: Viewer, request: SyncRequest) -> bytes:
        """Return the body of an answer; at once where there is news, else when there is or when time is up."""
        deadline = time.monotonic() + min(request.timeout_ms, TIMEOUT_LIMIT_MS) / 1000
        device = await self._device(viewer)
        typing = self._typing_reading(request)
        while True:
            # Registered before reading: what is appended in between wakes this waiter.
            waiter = self._waiters.register(viewer.user_id)
            wake_count = self._waiters.wake_count(viewer.user_id)
            try:
                remaining_s = 0.0 if self._waiters.are_dismissed else deadline - time.monotonic()
                if remaining_s <= 0 or not self._answered.nothing_since(device, request, wake_count):
                    answer = await self._read(viewer, request, typing)
                    if answer.is_news or request.since is None or request.full_state or remaining_s <= 0:
                        self._answered.remember(device, answer, wake_count)
                        return orjson.dumps({**answer.fields, "next_batch": answer.next_batch})
                await wait(waiter, remaining_s)
            finally:
                self._waiters.leave(viewer.user_id, waiter)

    def _typing_reading(self, request: SyncRequest) -> TypingReading:
        seen = self._typing.seen(request.since.typing) if request.since is not None else -1
        # What another process has shown is unknown: the present state comes along once, and is no news by itself.
        return TypingReading(shown=seen, known=seen if seen >= 0 else self._typing.count)

    async def _read(self, viewer: Viewer, request: SyncRequest, typing: TypingReading) -> Answer:
        reading = Reading(
            user=await self._user(viewer),
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
                return await self._answer(reading, fields, held(request.since, part.held_at), is_news)
        limit = reading.filter.timeline_limit if reading.filter.room.shows_timelines else 0
        token = SyncToken(reading.upto, max(reading.since, 0), limit, reading.typing_version)
        return await self._answer(reading, fields, token, is_news)

    async def _answer(self, reading: Reading, fields: Mapping[str, object], token: SyncToken, is_news: bool) -> Answer:
        device = reading.user.devices.get(reading.viewer.device_id)
        leaf = self._memory.leaf(token.position) or await self._leaf.leaf(token.position)
        if device is None or leaf is None:
            raise UnknownToken("this session has ended; sign in again")
        return Answer(fields, token, self._seal.seal(token, device.number, leaf), is_news)

    async def _device(self, viewer: Viewer) -> Device:
        device = (await self._user(viewer)).devices.get(viewer.device_id)
        if device is None:
            raise UnknownToken("this session has ended; sign in again")
        return device

    async def _user(self, viewer: Viewer) -> User:
        user = await self._loading.user(viewer.user_id)
        if user is None or not user.active:
            raise UnknownToken("this account is gone")
        return user


def held(since: SyncToken, to_device: int) -> SyncToken:
    """Return a token that stands where the last one stood, but for the messages to the device that came."""
    return replace(since, from_position=since.position, tag="", to_device=to_device)


class Answered:
    """The last answer of each device, so that one who comes straight back is known and need not be read for again.

    A device that was not woken since has nothing new. Forgotten with the process: then it is verified and read.
    """

    def __init__(self) -> None:
        self._last: dict[int, Last] = {}

    def token(self, device: Device, text: str) -> SyncToken | None:
        """Return the token of the last answer, if this is its text."""
        last = self._last.get(device.number)
        return last.token if last is not None and last.text == text else None

    def nothing_since(self, device: Device, request: SyncRequest, wake_count: int) -> bool:
        """Whether this request continues the last answer, whole as that was, and nobody woke the person since."""
        last = self._last.get(device.number)
        if last is None or request.since is None or request.full_state or last.token.to_device is not None:
            return False
        stood = (last.token.position, last.token.typing, last.wake_count)
        return stood == (request.since.position, request.since.typing, wake_count)

    def remember(self, device: Device, answer: Answer, wake_count: int) -> None:
        """Take note of an answer; `wake_count` is from before it was read."""
        if len(self._last) >= ANSWERED_LIMIT:
            self._last.clear()
        self._last[device.number] = Last(answer.next_batch, answer.token, wake_count)
