"""Reading a body: whole or as it arrives, never larger, deeper or slower than the server can bear.

Knows nothing of what a body means: that is the endpoint's affair.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from itertools import accumulate
from typing import Any

from myelin.matrix.errors import BadJson, MatrixError, NotJson, TooLarge

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

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


async def read_body(receive: Receive, limit_bytes: int, timeout_s: float = BODY_TIMEOUT_S) -> bytes:
    """Return the whole body; `TooLarge` above the limit, `TooSlow` where it takes too long."""
    # Nearly every body comes in one piece with its head, and a timer costs as much as all the rest of this; a
    # client that sends a head and not a byte more is cut off by the connection (`connection.py`).
    first = await receive()
    body = part_of(first)
    if first.get("more_body", False):
        try:
            async with asyncio.timeout(timeout_s):
                return await read_rest(body, receive, limit_bytes)
        except TimeoutError:
            raise TooSlow from None
    check_size(len(body), limit_bytes)
    return body


async def read_rest(first: bytes, receive: Receive, limit_bytes: int) -> bytes:
    """Return a body whose first part is here."""
    parts, size_bytes = [first], len(first)
    check_size(size_bytes, limit_bytes)
    async for part in received(receive):
        parts.append(part)
        size_bytes += len(part)
        check_size(size_bytes, limit_bytes)
    return b"".join(parts)


def check_size(size_bytes: int, limit_bytes: int) -> None:
    if size_bytes > limit_bytes:
        raise TooLarge(f"a request here may have {limit_bytes} bytes at most")


async def stream_body(receive: Receive, timeout_s: float = BODY_TIMEOUT_S) -> AsyncIterator[bytes]:
    """Yield a body as it arrives; `TooSlow` where the next part takes too long."""
    parts = received(receive)
    while True:
        try:
            async with asyncio.timeout(timeout_s):
                part = await anext(parts, None)
        except TimeoutError:
            raise TooSlow from None
        if part is None:
            return
        yield part


async def received(receive: Receive) -> AsyncIterator[bytes]:
    """Yield the parts of a body."""
    more = True
    while more:
        message = await receive()
        yield part_of(message)
        more = message.get("more_body", False)


def part_of(message: MutableMapping[str, Any]) -> bytes:
    """Return the part of a body that a message brings."""
    if message["type"] == "http.disconnect":
        raise Disconnected
    part: bytes = message.get("body", b"")
    return part


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
