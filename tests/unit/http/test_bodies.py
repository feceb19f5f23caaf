"""Bodies: whole, in time, and never more than the server can bear."""

import asyncio
import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myelin.http.bodies import DEPTH_LIMIT, Body, Disconnected, TooSlow, check_json, depth
from myelin.matrix.errors import BadJson, TooLarge

JSON = st.recursive(
    st.one_of(st.none(), st.integers(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=12,
)


def arriving(*parts: bytes, then: str = "end") -> Body:
    """The body of a client that sends a part whenever it may, and then ends it, goes away or falls silent."""
    waiting = [*parts]

    def wanted() -> None:
        asyncio.get_running_loop().call_soon(arrive)

    def arrive() -> None:
        if waiting:
            body.feed(waiting.pop(0))
        if not waiting and then == "end":
            body.end()
        elif not waiting and then == "gone":
            body.fail(Disconnected())

    body = Body(wanted)
    return body


def whole(content: bytes) -> Body:
    """A body that came with its head."""
    body = Body(lambda: None)
    body.feed(content)
    body.end()
    return body


async def test_a_body_is_put_together() -> None:
    assert await arriving(b"{", b'"a"', b":1}").read(100) == b'{"a":1}'
    assert await arriving().read(100) == b""
    assert await whole(b"{}").read(100, timeout_s=0) == b"{}"


async def test_a_body_above_the_limit_is_refused_as_soon_as_it_is() -> None:
    assert await arriving(b"12345", b"67890").read(10) == b"1234567890"
    for body in (arriving(b"12345", b"678901", then="silence"), whole(b"12345678901")):
        with pytest.raises(TooLarge):
            await body.read(10)


async def test_who_falls_silent_is_too_slow() -> None:
    with pytest.raises(TooSlow):
        await arriving(b"{", then="silence").read(100, timeout_s=0)
    parts = arriving(b"{", then="silence").stream(timeout_s=0.001)
    assert await anext(parts) == b"{"
    with pytest.raises(TooSlow):
        await anext(parts)


async def test_who_goes_away_is_gone() -> None:
    with pytest.raises(Disconnected):
        await arriving(b"{", then="gone").read(100)
    with pytest.raises(Disconnected):
        [part async for part in arriving(b"{", then="gone").stream()]


async def test_what_came_whole_is_there_though_its_sender_went() -> None:
    for_reading, for_streaming = whole(b"{}"), whole(b"{}")
    for body in (for_reading, for_streaming):
        body.fail(Disconnected())
    assert await for_reading.read(100) == b"{}"
    assert [part async for part in for_streaming.stream()] == [b"{}"]


def nested(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(nested, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(nested, value), default=0)
    return 0


@given(JSON)
def test_depth_is_the_depth(value: object) -> None:
    assert depth(json.dumps(value).encode()) == nested(value)


@given(st.binary(max_size=200))
def test_depth_is_answered_for_anything(body: bytes) -> None:
    assert depth(body) >= 0


def test_brackets_in_text_are_no_depth() -> None:
    check_json(orjson.dumps({"body": "[{" * 10_000, "quoted": '"[' * 10_000, "escaped": "\\[" * 10_000}))


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_what_is_nested_too_deep_is_refused(opening: bytes) -> None:
    check_json(opening * DEPTH_LIMIT)
    with pytest.raises(BadJson):
        check_json(opening * (DEPTH_LIMIT + 1))


def test_a_string_that_never_closes_takes_no_longer() -> None:
    # Reading it anew from each quote would take minutes.
    check_json(b'{"a":"' + b'\\"[' * 300_000)


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\\\x00", "\\\\\x00"])
def test_nul_is_refused(text: str) -> None:
    with pytest.raises(BadJson):
        check_json(json.dumps({"body": text}).encode())
    with pytest.raises(BadJson):
        check_json(json.dumps({text: 1}).encode())


@pytest.mark.parametrize("text", ["\\u0000", "\\\\u0000", "u0000", "\x01"])
def test_what_only_looks_like_nul_is_text(text: str) -> None:
    check_json(json.dumps({"body": text}).encode())
