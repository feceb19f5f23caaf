"""A body: whole or as it arrives, never larger, deeper or slower than the server can bear.

Knows nothing of what a body means: that is the endpoint's affair.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import accumulate

from myelin.matrix.errors import BadJson, MatrixError, NotJson, TooLarge

# A whole body, or the next part of a stream, has this long to arrive.
BODY_TIMEOUT_S = 60.0
# What serialises answers gives up at 254 levels, and an answer may wrap what it was given in a dozen.
DEPTH_LIMIT = 128

# Possessive, and content with an unclosed string, so that no text takes more than one pass.
STRING = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class Disconnected(Exception):
    """The client went away while it was still sending."""


class TooSlow(MatrixError):
    """The body of this request did not arrive in time; send it again."""

    status, errcode = 408, "M_UNKNOWN"


class Body:
    """The body of one request: the connection feeds it, one reader takes what has come.

    `wanted` is called whenever the reader waits for more.
    """

    __slots__ = ("_fault", "_held", "_stirred", "_wanted", "is_whole")

    def __init__(self, wanted: Callable[[], None]) -> None:
        self._wanted = wanted
        self._held = bytearray()
        self._fault: Exception | None = None
        self._stirred: asyncio.Future[None] | None = None
        self.is_whole = False

    @property
    def held_bytes(self) -> int:
        """How much has come and was not read yet."""
        return len(self._held)

    def feed(self, part: bytes) -> None:
        """Add what has arrived."""
        self._held += part
        self._stir()

    def end(self) -> None:
        """Nothing more comes: this is all."""
        self.is_whole = True
        self._stir()

    def fail(self, fault: Exception) -> None:
        """Nothing more comes, and this is why: whoever reads on is told so."""
        self._fault = fault
        self._stir()

    async def read(self, limit_bytes: int, timeout_s: float = BODY_TIMEOUT_S) -> bytes:
        """Return the whole body; `TooLarge` above the limit, `TooSlow` where it takes too long."""
        # Most bodies are there with their head.
        if not self.is_whole:
            async with in_time(timeout_s):
                while len(self._held) <= limit_bytes and not self.is_whole:
                    await self._more()
        if len(self._held) > limit_bytes:
            raise TooLarge(f"a request here may have {limit_bytes} bytes at most")
        return self._taken()

    async def stream(self, timeout_s: float = BODY_TIMEOUT_S) -> AsyncIterator[bytes]:
        """Yield the body as it arrives; `TooSlow` where the next part takes too long."""
        while self._held or not self.is_whole:
            if self._held:
                yield self._taken()
            else:
                async with in_time(timeout_s):
                    await self._more()

    def _taken(self) -> bytes:
        taken, self._held = self._held, bytearray()
        return bytes(taken)

    async def _more(self) -> None:
        if self._fault is not None:
            raise self._fault
        self._wanted()
        self._stirred = asyncio.get_running_loop().create_future()
        await self._stirred

    def _stir(self) -> None:
        if self._stirred is not None and not self._stirred.done():
            self._stirred.set_result(None)


@asynccontextmanager
async def in_time(timeout_s: float) -> AsyncIterator[None]:
    """Within it, whatever takes longer is `TooSlow`."""
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except TimeoutError:
        raise TooSlow from None


def check_json(body: bytes) -> None:
    """Refuse JSON that cannot be kept or answered: nested too deep, or with a NUL, which PostgreSQL does not store."""
    # What a decoder skips it does not look at, and a field that nobody reads must be UTF-8 too.
    if not body.isascii() and not is_utf8(body):
        raise NotJson
    # Brackets bound the depth from above, so only a body with many of them is looked at closely.
    if body.count(b"{") + body.count(b"[") > DEPTH_LIMIT and depth(body) > DEPTH_LIMIT:
        raise BadJson(f"JSON may be nested {DEPTH_LIMIT} deep at most")
    if b"\\u0000" in body and ESCAPED_NUL.search(body):
        raise BadJson("text may not contain the character NUL")


def is_utf8(body: bytes) -> bool:
    """Whether these bytes are UTF-8."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def depth(body: bytes) -> int:
    """Return how deep JSON is nested."""
    brackets = STRING.sub(b"", body).translate(None, NO_BRACKET)
    return max(accumulate(map(STEPS.__getitem__, brackets), initial=0))
