"""Finding what a media id stands for; where its content is only announced, waiting for it as long as one may."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from myelin.entries.entry import Entry
from myelin.entries.facts import MediaUploaded
from myelin.http.messages import Request
from myelin.matrix.errors import InvalidParam, NotFound, NotYetUploaded
from myelin.media.catalogue import Catalogue, UploadedFile

# The maximum number of milliseconds that the client is willing to wait; the default is 20000 ("timeout_ms").
TIMEOUT_MS = 20_000
TIMEOUT_LIMIT_MS = 60_000
DIGITS_LIMIT = 9


class Arrivals:
    """Finds uploaded files. Told of every entry, so that who waits for an upload hears of it."""

    def __init__(self, catalogue: Catalogue, server_name: str, clock_ms: Callable[[], int]) -> None:
        self._catalogue = catalogue
        self._server_name = server_name
        self._clock_ms = clock_ms
        self._waiting: dict[str, set[asyncio.Event]] = {}

    def published(self, entries: Sequence[Entry]) -> None:
        """Wake those who wait for what has come."""
        for entry in entries:
            if isinstance(entry.facts, MediaUploaded):
                for each in self._waiting.get(entry.facts.media_id, ()):
                    each.set()

    async def find(self, server_name: str, media_id: str, request: Request) -> UploadedFile:
        """Return a file; `NotFound` where there is none, `NotYetUploaded` where its content does not come in time."""
        timeout_ms = timeout_of(request)
        # There is no federation yet: of other servers nothing is known.
        if server_name != self._server_name:
            raise NotFound("there is no such file on this server")
        found = await self._catalogue.find(media_id)
        if found is not None:
            return found
        return await self._wait(media_id, timeout_ms)

    async def _wait(self, media_id: str, timeout_ms: int) -> UploadedFile:
        arrived = asyncio.Event()
        # First the place in the queue, then the look: what comes in between is not missed.
        self._waiting.setdefault(media_id, set()).add(arrived)
        try:
            found = await self._catalogue.find(media_id)
            if found is None:
                await self._check_announced(media_id)
                await within(arrived, timeout_ms)
                found = await self._catalogue.find(media_id)
        finally:
            self._leave(media_id, arrived)
        if found is None:
            raise NotYetUploaded
        return found

    async def _check_announced(self, media_id: str) -> None:
        announced = await self._catalogue.announced(media_id)
        if announced is None or announced.expires_at <= self._clock_ms():
            raise NotFound("there is no such file on this server")

    def _leave(self, media_id: str, arrived: asyncio.Event) -> None:
        waiting = self._waiting[media_id]
        waiting.discard(arrived)
        if not waiting:
            del self._waiting[media_id]


async def within(event: asyncio.Event, timeout_ms: int) -> None:
    """Wait for an event, no longer than this."""
    try:
        async with asyncio.timeout(timeout_ms / 1000):
            await event.wait()
    except TimeoutError:
        return


def timeout_of(request: Request) -> int:
    """Return how long a client waits for an upload (ms)."""
    value = request.query.get("timeout_ms")
    if value is None:
        return TIMEOUT_MS
    if not (value.isascii() and value.isdigit() and len(value) <= DIGITS_LIMIT):
        raise InvalidParam("timeout_ms must be a number of milliseconds")
    return min(int(value), TIMEOUT_LIMIT_MS)
