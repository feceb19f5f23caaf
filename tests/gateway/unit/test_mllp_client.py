"""The client: whose answer it takes, and what it does while there is none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from myelin_gateway.channels.mllp import MllpClient, Unanswered, Unreachable
from myelin_gateway.channels.mllp_partners import Listener, Partner, client_tls, server_tls
from myelin_gateway.hl7v2 import Answer, Charset, Frames, framed
from tests.certificates import authority_and
from tests.gateway.hl7_peers import LIS, an_inbox, oru

pytestmark = pytest.mark.anyio

Talk = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


def ack(control_id: str, code: str = "AA") -> bytes:
    return framed(f"MSH|^~\\&|LIS||IM||2026||ACK|X|P|2.5\rMSA|{code}|{control_id}|words\r".encode())


@asynccontextmanager
async def a_partner(talk: Talk) -> AsyncIterator[int]:
    """A partner that does as it is told with every message."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = Frames(100_000)
        while piece := await reader.read(65536):
            for raw in frames.feed(piece):
                await talk(raw, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def client(port: int, timeout_s: float = 20, sleeps: list[float] | None = None) -> MllpClient:
    async def sleep(pause_s: float) -> None:
        (sleeps if sleeps is not None else []).append(pause_s)

    return MllpClient("127.0.0.1", port, Charset.UTF_8, timeout_s=timeout_s, pauses_s=(1, 2, 4), sleep=sleep)


async def test_it_is_understood_by_our_own_listener() -> None:
    async with an_inbox() as (inbox, port):
        sender = client(port)
        assert (await sender.send(oru("M1"), "M1")).is_positive
        assert (await sender.send(oru("M2"), "M2")).is_positive
        assert not (await sender.send(oru("M3").replace(b"ORU^R01", b"ZZZ^Z01"), "M3")).is_positive
        assert len(inbox.kept) == 3
        await sender.close()


async def test_it_shows_its_certificate(tmp_path: Path) -> None:
    root = authority_and(tmp_path, "gateway", "lis")
    tls = server_tls(tmp_path / "gateway.pem", tmp_path / "gateway.key", root)
    partner = Partner("lis", Charset.UTF_8, LIS.answers, frozenset({"lis"}))
    async with an_inbox(Listener("127.0.0.1", 0, (partner,), tls)) as (_inbox, port):
        context = client_tls(root, tmp_path / "lis.pem", tmp_path / "lis.key")
        sender = MllpClient("127.0.0.1", port, Charset.UTF_8, tls=context)
        assert (await sender.send(oru(), "M1")).is_positive
        await sender.close()


async def test_only_the_answer_to_this_message_counts() -> None:
    async def talk(raw: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(ack("M0") + framed(b"rubbish") + framed(oru("M1")) + ack("M1", "AE"))

    async with a_partner(talk) as port:
        sender = client(port)
        assert await sender.send(oru("M1"), "M1") == Answer("AE", "M1", "words")
        await sender.close()


async def test_without_an_answer_it_says_so_and_begins_a_new_connection_after_a_pause() -> None:
    heard, sleeps = [], list[float]()

    async def talk(raw: bytes, writer: asyncio.StreamWriter) -> None:
        heard.append(raw)
        if len(heard) > 2:
            writer.write(ack("M1"))

    async with a_partner(talk) as port:
        sender = client(port, 0.1, sleeps)
        for _ in range(2):
            with pytest.raises(Unanswered):
                await sender.send(oru("M1"), "M1")
        assert (await sender.send(oru("M1"), "M1")).is_positive
        assert heard == [oru("M1")] * 3 and sleeps == [1, 2]
        # Once answered, all is well again.
        assert (await sender.send(oru("M1"), "M1")).is_positive and sleeps == [1, 2]
        await sender.close()


async def test_a_late_answer_is_not_taken_for_the_next_one() -> None:
    held: list[asyncio.StreamWriter] = []

    async def talk(raw: bytes, writer: asyncio.StreamWriter) -> None:
        held.append(writer)
        for each in held:
            each.write(ack("M1") if len(held) > 1 else b"")

    async with a_partner(talk) as port:
        sender = client(port, 0.1)
        for control_id in ("M1", "M2"):
            with pytest.raises(Unanswered):
                await sender.send(oru(control_id), control_id)
        await sender.close()


async def test_who_cannot_be_reached_is_tried_less_and_less_often() -> None:
    async with a_partner(lambda raw, writer: asyncio.sleep(0)) as port:
        pass
    sleeps: list[float] = []
    sender = client(port, sleeps=sleeps)
    for _ in range(5):
        with pytest.raises(Unreachable):
            await sender.send(oru(), "M1")
    assert sleeps == [1, 2, 4, 4]


async def test_a_connection_that_the_partner_ended_is_not_used_again() -> None:
    async def talk(raw: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(ack("M1"))
        writer.close()

    async with a_partner(talk) as port:
        sleeps: list[float] = []
        sender = client(port, sleeps=sleeps)
        for _ in range(3):
            assert (await sender.send(oru("M1"), "M1")).is_positive
            assert sender._connection and await sender._connection[0].read() == b""
        assert sleeps == []
        await sender.close()


async def test_two_messages_at_once_take_turns() -> None:
    async with an_inbox() as (_inbox, port):
        sender = client(port)
        answers = await asyncio.gather(*(sender.send(oru(f"M{number}"), f"M{number}") for number in range(5)))
        assert [each.control_id for each in answers] == [f"M{number}" for number in range(5)]
        await sender.close()
