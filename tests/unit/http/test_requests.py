"""What counts as a request, however its bytes arrive, and how much of it may come."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myelin.http.connection import (
    HEAD_LIMIT_BYTES,
    HEADER_COUNT_LIMIT,
    HELD_LIMIT_BYTES,
)
from myelin.http.connections import Connections
from tests.unit.http.sites import CHUNKED, GET, POST, STOP, TWO, Site
from tests.unit.http.wires import Client, turns


@pytest.fixture
async def site() -> Site:
    return Site()


@pytest.fixture
async def client(site: Site) -> Client:
    return Client(site.respond)


# ---------------------------------------------------------------- what a request is


async def test_a_request_is_answered(client: Client, site: Site) -> None:
    await client.send(GET)
    (answer,) = client.answers()
    assert (answer.status, answer.body) == (200, b"/echo ")
    assert answer.headers["date"] == "Tue, 24 Nov 2026 08:00:00 GMT"
    assert "connection" not in answer.headers
    (head,) = site.heads
    assert (head.method, head.path, head.query_string, head.peer_address) == ("GET", "/echo", b"a=b", "192.0.2.1")


STORY = TWO + b"{}" + GET + CHUNKED + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Trailer: v\r\n\r\n" + GET + STOP


@given(st.lists(st.integers(1, len(STORY) - 1), max_size=8).map(sorted))
async def test_it_does_not_matter_how_the_bytes_arrive(cuts: list[int]) -> None:
    site = Site()
    client = Client(site.respond)
    edges = [0, *cuts, len(STORY)]
    for start, end in pairwise(edges):
        if start < end:
            await client.send(STORY[start:end])
    assert [answer.body for answer in client.answers()] == [
        b"/echo {}",
        b"/echo ",
        b"/echo abcde",
        b"/echo ",
        b"/stop ",
    ]
    assert all(b"x-trailer" not in head.headers for head in site.heads)


async def test_lines_of_one_name_are_one_header(client: Client, site: Site) -> None:
    await client.send(b"GET / HTTP/1.1\r\nX-Forwarded-For: 1\r\nAccept: a\r\nx-forwarded-for: 2\r\n\r\n")
    assert site.heads[0].headers == {b"x-forwarded-for": b"1, 2", b"accept": b"a"}


@pytest.mark.parametrize(
    "request_bytes",
    [
        POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        POST + b"Content-Length: 2, 2\r\n\r\nab",
        POST + b"Content-Length: +2\r\n\r\nab",
        POST + b"Content-Length: 99999999999999999999999\r\n\r\nab",
        POST + b"Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 36\r\n\r\n" + GET,
        POST + b"Connection: upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\x00\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n",
        b"GET / HTTP/1.1\r\n Host: x\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET /\r\n\r\n",
        b"CONNECT x:1 HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
async def test_what_could_be_read_in_two_ways_is_refused(client: Client, site: Site, request_bytes: bytes) -> None:
    await client.send(request_bytes + GET)
    (answer,) = client.answers()
    assert (answer.status, answer.headers["connection"]) == (400, "close")
    assert b"M_UNKNOWN" in answer.body
    assert not site.heads
    assert client.wire.is_ended


@pytest.mark.parametrize(
    "body", [b"zz\r\n", b"0x3\r\nabc\r\n", b"3\nabc\r\n", b"fffffffffffffffff\r\n", b"3\r\nabcdef\r\n0\r\n\r\n"]
)
async def test_a_broken_chunk_breaks_its_request_and_none_other(client: Client, site: Site, body: bytes) -> None:
    await client.send(GET + CHUNKED + body + GET)
    assert [answer.status for answer in client.answers()] == [200, 400]
    assert client.answers()[1].headers["connection"] == "close"
    assert len(site.heads) == 2


async def test_another_protocol_is_not_spoken(client: Client) -> None:
    await client.send(b"GET /echo HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n" + GET)
    (answer,) = client.answers()
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert client.wire.is_closed


@pytest.mark.parametrize(
    ("target", "path"), [(b"*", "*"), (b"http://x:1/a?b", "/a"), (b"http://x", "/"), (b"/%2F", "/%2F")]
)
async def test_targets_have_several_forms(client: Client, site: Site, target: bytes, path: str) -> None:
    await client.send(b"OPTIONS " + target + b" HTTP/1.1\r\n\r\n")
    assert site.heads[0].path == path


# ---------------------------------------------------------------- how much may come


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("piece_bytes", [100, 1_000_000])
@pytest.mark.parametrize(
    "filler", [b"X: y\r\n", b"X-Long: " + b"a" * 1000 + b"\r\n", b"X: " + b"a" * 190_000 + b"\r\n"]
)
async def test_a_head_has_a_limit(client: Client, site: Site, whole: bool, piece_bytes: int, filler: bytes) -> None:
    head = b"GET / HTTP/1.1\r\n" + filler * (200_000 // len(filler)) + b"\r\n" * whole
    await client.send(*(head[start : start + piece_bytes] for start in range(0, len(head), piece_bytes)))
    (answer,) = client.answers()
    assert (answer.status, answer.headers["connection"]) == (431, "close")
    assert not site.heads


async def test_as_many_headers_as_any_client_sends_are_read(client: Client) -> None:
    await client.send(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * HEADER_COUNT_LIMIT + b"\r\n", GET)
    assert [answer.status for answer in client.answers()] == [200, 200]


@pytest.mark.parametrize("start", [b"3;" + b"x" * HEAD_LIMIT_BYTES, b"0\r\nX: " + b"x" * HEAD_LIMIT_BYTES])
async def test_what_stands_between_chunks_and_behind_them_has_a_limit(client: Client, start: bytes) -> None:
    await client.send(CHUNKED, start, b"x")
    assert client.answers()[0].status == 431


async def test_a_large_body_is_no_large_head(client: Client, site: Site) -> None:
    size = HEAD_LIMIT_BYTES * 3
    await client.send(POST + b"Content-Length: %d\r\n\r\n" % size, *[b"x" * 1024] * (size // 1024))
    assert client.answers()[0].status == 200
    assert site.bodies == [b"x" * size]


async def test_who_sends_faster_than_is_read_must_wait(client: Client, site: Site) -> None:
    await client.send(POST.replace(b"/echo", b"/wait") + b"Content-Length: 1000000\r\n\r\n", b"x" * HELD_LIMIT_BYTES)
    paused = [client.wire.is_paused]
    await client.send(b"x")
    paused.append(client.wire.is_paused)
    site.released.set()
    await turns()
    assert [*paused, client.wire.is_paused] == [False, True, False]


async def test_a_body_that_nobody_wants_passes_by(client: Client, site: Site) -> None:
    await client.send(POST.replace(b"/echo", b"/refuse") + b"Content-Length: 300000\r\n\r\n", b"x" * 200_000)
    assert client.answers()[0].status == 413
    assert not client.wire.is_paused
    await client.send(b"x" * 100_000 + GET)
    assert [answer.status for answer in client.answers()] == [413, 200]


async def test_only_so_many_are_let_in(site: Site) -> None:
    client = Client(site.respond, Connections(site.respond, 0))
    await client.send(GET)
    assert client.answers()[0].status == 503
    assert client.wire.is_closed
    assert not site.heads
