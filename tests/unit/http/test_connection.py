"""One connection: in which order requests are answered, what becomes of who hangs up, and how long anybody may take."""

import gc
import weakref

import pytest

from myelin.http.connection import (
    HEAD_TICKS,
    IDLE_TICKS,
    PARTING_TICKS,
    PIPELINE_LIMIT,
    REST_TICKS,
    STALLED_TICKS,
)
from myelin.http.connections import Connections
from tests.unit.http.sites import GET, POST, STOP, TWO, Site
from tests.unit.http.wires import Client, turns

# A tick to see the state, and those it may last.
SEEN = 1


@pytest.fixture
async def site() -> Site:
    return Site()


@pytest.fixture
async def client(site: Site) -> Client:
    return Client(site.respond)


# ---------------------------------------------------------------- in which order


async def test_requests_are_answered_one_after_the_other(client: Client, site: Site) -> None:
    await client.send(GET.replace(b"/echo", b"/wait"), TWO + b"{}" + STOP)
    assert [head.path for head in site.heads] == ["/wait"]
    assert client.wire.is_paused
    site.released.set()
    await turns()
    assert [answer.body for answer in client.answers()] == [b"/wait ", b"/echo {}", b"/stop "]
    assert not client.wire.is_paused


async def test_nonsense_is_refused_after_what_came_before_it(client: Client, site: Site) -> None:
    await client.send(GET.replace(b"/echo", b"/wait") + GET + b"nonsense\r\n\r\n" + GET)
    assert client.answers() == []
    site.released.set()
    await turns()
    assert [answer.status for answer in client.answers()] == [200, 200, 400]


async def test_nobody_asks_endlessly_without_listening(client: Client, site: Site) -> None:
    await client.send(GET.replace(b"/echo", b"/wait") + GET * (PIPELINE_LIMIT + 1))
    site.released.set()
    for _ in range(PIPELINE_LIMIT):
        await turns()
    statuses = [answer.status for answer in client.answers()]
    assert statuses == [200] * (PIPELINE_LIMIT + 1) + [400]


async def test_who_takes_no_answer_gets_no_other(client: Client) -> None:
    client.connection.pause_writing()
    await client.send(GET + STOP)
    assert [answer.body for answer in client.answers()] == [b"/echo "]
    client.connection.resume_writing()
    await turns()
    assert [answer.body for answer in client.answers()] == [b"/echo ", b"/stop "]


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    ],
)
async def test_some_ask_only_once(client: Client, request_bytes: bytes) -> None:
    await client.send(request_bytes)
    assert client.answers()[0].headers["connection"] == "close"
    assert client.wire.is_closed


# ---------------------------------------------------------------- 100-continue, HEAD, streams, faults

EXPECTING = POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"


async def test_who_asks_whether_to_go_on_is_told(client: Client) -> None:
    await client.send(EXPECTING)
    assert client.wire.sent == b"HTTP/1.1 100 Continue\r\n\r\n"
    await client.send(b"{}" + GET)
    assert [answer.status for answer in client.answers()] == [100, 200, 200]


async def test_who_went_on_without_asking_is_not_told(client: Client) -> None:
    await client.send(EXPECTING + b"{}" + GET)
    assert [answer.status for answer in client.answers()] == [200, 200]


async def test_who_is_refused_before_going_on_must_come_anew(client: Client) -> None:
    await client.send(EXPECTING.replace(b"/echo", b"/refuse"))
    (answer,) = client.answers()
    assert (answer.status, answer.headers["connection"]) == (413, "close")
    # Whether the body follows is not known: it is not taken for a request.
    await client.send(GET)
    assert len(client.answers()) == 1


async def test_head_is_get_without_a_body(client: Client, site: Site) -> None:
    await client.send(b"HEAD /echo HTTP/1.1\r\n\r\n", b"HEAD /stream HTTP/1.1\r\n\r\n", GET)
    lengths = [(answer.headers["content-length"], answer.body) for answer in client.answers("HHG")]
    assert lengths == [("6", b""), ("4", b""), ("6", b"/echo ")]
    assert (site.stream.given, site.stream.is_closed) == (0, True)


async def test_a_stream_is_sent_no_faster_than_it_is_taken(client: Client, site: Site) -> None:
    client.connection.pause_writing()
    await client.send(b"GET /stream HTTP/1.1\r\n\r\n" + GET)
    assert client.wire.sent.endswith(b"ab")
    client.connection.resume_writing()
    await turns()
    assert [answer.body for answer in client.answers()] == [b"abcd", b"/echo "]
    assert site.stream.is_closed


@pytest.mark.parametrize("announced", [b"3", b"5"])
async def test_a_stream_of_another_length_ends_the_connection(
    client: Client, site: Site, announced: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    site.announced = announced
    await client.send(b"GET /stream HTTP/1.1\r\n\r\n" + GET)
    assert client.wire.is_aborted
    assert client.wire.sent.count(b"HTTP/1.1") == 1
    assert site.stream.is_closed
    gc.collect()
    await turns()


async def test_a_stream_stops_when_the_client_is_gone(client: Client, site: Site) -> None:
    client.connection.pause_writing()
    await client.send(b"GET /stream HTTP/1.1\r\n\r\n")
    await client.hang_up()
    assert (site.stream.given, site.stream.is_closed) == (1, True)


async def test_no_header_ends_its_line(client: Client) -> None:
    await client.send(b"GET /header?name HTTP/1.1\r\n\r\n")
    assert client.answers()[0].headers["x-name"] == "namex-evil: 1"


async def test_a_fault_leaves_nobody_waiting(client: Client) -> None:
    await client.send(b"GET /fail HTTP/1.1\r\n\r\n" + GET)
    assert client.wire.is_aborted
    assert client.wire.sent == b""
    gc.collect()


# ---------------------------------------------------------------- who hangs up


async def test_who_hangs_up_does_not_wait(client: Client, site: Site) -> None:
    await client.send(GET.replace(b"/echo", b"/wait") + GET)
    await client.hang_up()
    assert site.ended == ["cancelled", "/wait"]


async def test_what_was_sent_is_done_though_its_sender_hangs_up(client: Client, site: Site) -> None:
    await client.send(TWO.replace(b"/echo", b"/wait") + b"{}")
    await client.hang_up()
    assert site.ended == []
    client.connections.end()
    assert not client.connections.gone.is_set()
    site.released.set()
    await turns()
    assert (site.ended, site.bodies) == (["/wait"], [b"{}"])
    assert client.connections.gone.is_set()


async def test_half_of_what_was_sent_is_not_done(client: Client, site: Site) -> None:
    await client.send(TWO + b"{")
    await client.hang_up()
    assert (site.ended, site.bodies) == (["/echo"], [])


async def test_of_who_is_gone_nothing_is_kept(site: Site) -> None:
    gc.collect()
    gc.disable()
    try:
        for request in (b"", GET, GET.replace(b"/echo", b"/wait"), TWO + b"{}", GET + b"nonsense\r\n\r\n"):
            client = Client(site.respond)
            await client.send(request)
            await client.hang_up()
            kept, connections = weakref.ref(client.wire), client.connections
            del client
            await turns()
            assert kept() is None, request
            assert len(connections) == 0
    finally:
        gc.enable()


# ---------------------------------------------------------------- for how long


async def test_who_asks_for_nothing_is_let_go(client: Client) -> None:
    client.tick(IDLE_TICKS)
    assert not client.wire.is_closed
    await client.send(GET)
    client.tick(IDLE_TICKS)
    assert not client.wire.is_closed
    client.tick(SEEN)
    assert client.wire.is_closed


async def test_who_drips_a_head_is_cut_off(client: Client) -> None:
    for letter in b"GET /" + b"a" * HEAD_TICKS:
        await client.send(bytes([letter]))
        client.tick(1)
    assert client.wire.is_closed


async def test_who_waits_for_an_answer_may_wait(client: Client) -> None:
    await client.send(GET.replace(b"/echo", b"/wait"))
    client.tick(10_000)
    assert not client.wire.is_closed


async def test_the_rest_of_an_unwanted_body_has_a_limit(client: Client) -> None:
    await client.send(POST.replace(b"/echo", b"/refuse") + b"Content-Length: 300000\r\n\r\n")
    for _ in range(SEEN + REST_TICKS):
        await client.send(b"x")
        client.tick(1)
    assert client.wire.is_closed


async def test_after_a_refusal_the_rest_has_a_moment(client: Client) -> None:
    await client.send(b"nonsense\r\n\r\n")
    assert not client.wire.is_closed
    client.tick(SEEN + PARTING_TICKS)
    assert client.wire.is_closed


@pytest.mark.parametrize("path", [b"/echo", b"/stream"])
async def test_who_does_not_take_an_answer_is_cut_off(client: Client, path: bytes) -> None:
    client.connection.pause_writing()
    await client.send(b"GET " + path + b" HTTP/1.1\r\n\r\n")
    for unsent_bytes in range(STALLED_TICKS * 2, STALLED_TICKS, -1):
        client.wire.unsent_bytes = unsent_bytes
        client.tick(1)
    assert not client.wire.is_closed
    client.tick(STALLED_TICKS)
    assert client.wire.is_aborted


# ---------------------------------------------------------------- the end


async def test_the_end_waits_for_answers_and_for_nothing_else(site: Site) -> None:
    connections = Connections(site.respond, 3)
    idle, waiting, sending = (Client(site.respond, connections) for _ in range(3))
    await waiting.send(GET.replace(b"/echo", b"/wait") + GET)
    await sending.send(b"GET /ec")
    connections.end()
    assert [each.wire.is_closed for each in (idle, waiting, sending)] == [True, False, True]
    site.released.set()
    await turns()
    assert [answer.headers["connection"] for answer in waiting.answers()] == ["close"]
    assert waiting.wire.is_closed
    for each in (idle, waiting, sending):
        assert not connections.gone.is_set()
        each.connection.connection_lost(None)
    assert connections.gone.is_set()
