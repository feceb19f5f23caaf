"""The listener over loopback: what it answers, when, and to whom."""

from __future__ import annotations

import asyncio
import ssl
from ipaddress import ip_network
from pathlib import Path

import msgspec
import pytest

from myelin_gateway.channels.mllp_partners import Listener, Partner, UnsafeListener, client_tls, server_tls
from myelin_gateway.hl7v2 import SIZE_LIMIT_BYTES, Charset, Frames, Message, framed, parse
from tests.certificates import authority_and, self_signed
from tests.gateway.hl7_peers import LIS, TIMEOUT_S, an_inbox, loopback, oru

pytestmark = pytest.mark.anyio


class Sender:
    """A socket that says what it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer, self.frames = reader, writer, Frames(SIZE_LIMIT_BYTES)
        self.heard: list[bytes] = []

    @classmethod
    async def to(cls, port: int, tls: ssl.SSLContext | None = None) -> Sender:
        return cls(*await asyncio.open_connection("127.0.0.1", port, ssl=tls))

    async def say(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    async def answers(self, count: int) -> list[Message]:
        async with asyncio.timeout(TIMEOUT_S):
            while len(self.heard) < count:
                piece = await self.reader.read(65536)
                assert piece, "the connection ended"
                self.heard += self.frames.feed(piece)
        answered, self.heard = self.heard[:count], self.heard[count:]
        return [parse(each, Charset.UTF_8) for each in answered]

    async def hears_the_end(self) -> bytes:
        """Return what came before the connection was closed."""
        async with asyncio.timeout(TIMEOUT_S):
            try:
                return await self.reader.read()
            except OSError:
                return b""


def msa(answers: list[Message]) -> list[str]:
    return [f"{each.segment('MSA').value(1)} {each.segment('MSA').value(2)}" for each in answers]


async def test_a_message_is_kept_as_it_came_and_then_acknowledged() -> None:
    async with an_inbox() as (inbox, port):
        sender = await Sender.to(port)
        await sender.say(framed(oru()))
        assert msa(await sender.answers(1)) == ["AA M1"]
        assert inbox.kept == [("lis", oru())] and inbox.notices == []


async def test_nothing_is_acknowledged_before_it_is_kept() -> None:
    async with an_inbox(is_open=False) as (inbox, port):
        sender = await Sender.to(port)
        await sender.say(framed(oru()))
        await inbox.sees(lambda it: it.asked == 1)
        assert sender.reader._buffer == b""  # type: ignore[attr-defined]
        inbox.is_open.set()
        assert msa(await sender.answers(1)) == ["AA M1"]


async def test_what_could_not_be_kept_is_not_answered_and_the_connection_ends() -> None:
    async with an_inbox() as (inbox, port):
        inbox.fails = True
        sender = await Sender.to(port)
        await sender.say(framed(oru()))
        assert await sender.hears_the_end() == b""
        assert inbox.notices == [("lis", "not_kept")]
        inbox.fails = False
        again = await Sender.to(port)
        await again.say(framed(oru()))
        assert msa(await again.answers(1)) == ["AA M1"]


async def test_messages_are_taken_in_order_one_at_a_time() -> None:
    async with an_inbox(is_open=False) as (inbox, port):
        sender = await Sender.to(port)
        await sender.say(b"".join(framed(oru(f"M{number}")) for number in range(5)))
        await inbox.sees(lambda it: it.asked == 1)
        inbox.is_open.set()
        assert msa(await sender.answers(5)) == [f"AA M{number}" for number in range(5)]


async def test_one_byte_at_a_time_with_junk_before_and_no_carriage_return() -> None:
    async with an_inbox() as (inbox, port):
        sender = await Sender.to(port)
        await sender.say(*(bytes([byte]) for byte in b"junk" + framed(oru())[:-1]))
        assert msa(await sender.answers(1)) == ["AA M1"]
        # At once, and once: connections last for days.
        await sender.say(b"more junk" + framed(oru()))
        await sender.answers(1)
        assert inbox.notices == [("lis", "junk")]


async def test_a_connection_that_ends_inside_a_message_is_noticed() -> None:
    async with an_inbox() as (inbox, port):
        sender = await Sender.to(port)
        await sender.say(framed(oru())[:-10])
        sender.writer.write_eof()
        await sender.hears_the_end()
        assert inbox.kept == [] and inbox.notices == [("lis", "cut_off")]


async def test_a_frame_far_over_64_kib_is_a_message_like_any_other() -> None:
    async with an_inbox() as (inbox, port):
        sender = await Sender.to(port)
        large = oru(rest="OBX|1|ED|PDF||^application^pdf^Base64^" + "QUJD" * 1_000_000)
        await sender.say(framed(large))
        assert msa(await sender.answers(1)) == ["AA M1"]
        assert inbox.kept == [("lis", large)]


async def test_over_32_mib_the_answer_is_207_and_the_end() -> None:
    async with an_inbox(
        loopback(
            msgspec.structs.replace(LIS, answers=msgspec.structs.replace(LIS.answers, nak="accept_and_quarantine"))
        )
    ) as (inbox, port):
        sender = await Sender.to(port)
        await sender.say(b"\x0b" + oru() + b"OBX|1|ED|||", *[b"A" * 1_000_000] * 34)
        (answer,) = await sender.answers(1)
        assert msa([answer]) == ["AE M1"] and answer.segment("ERR").value(3) == "207"
        sender.writer.write_eof()
        assert await sender.hears_the_end() == b""
        assert inbox.kept == [] and inbox.notices == [("lis", "too_large")]


async def test_rubbish_gets_an_answer_and_the_connection_goes_on() -> None:
    async with an_inbox() as (inbox, port):
        sender = await Sender.to(port)
        await sender.say(framed(b"rubbish"), framed(oru()))
        assert msa(await sender.answers(2)) == ["AE ", "AA M1"]
        assert [raw for _partner, raw in inbox.kept] == [b"rubbish", oru()]


async def test_who_wants_no_answer_gets_none() -> None:
    async with an_inbox() as (inbox, port):
        sender = await Sender.to(port)
        await sender.say(framed(oru("M1").replace(b"2.5.1\r", b"2.5.1|||NE|NE\r")), framed(oru("M2")))
        assert msa(await sender.answers(1)) == ["AA M2"]
        assert len(inbox.kept) == 2


async def test_at_the_end_idle_connections_close_and_a_message_in_hand_is_answered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with an_inbox(is_open=False) as (inbox, port):
        idle, busy = await Sender.to(port), await Sender.to(port)
        await busy.say(framed(oru()))
        await inbox.sees(lambda it: it.asked == 1)
        asyncio.get_running_loop().call_later(0.05, inbox.is_open.set)
    assert msa(await busy.answers(1)) == ["AA M1"]
    assert await busy.hears_the_end() == await idle.hears_the_end() == b""
    assert caplog.records == []


async def test_connections_are_limited() -> None:
    async with an_inbox(msgspec.structs.replace(loopback(), connections_limit=2)) as (inbox, port):
        senders = [await Sender.to(port) for _ in range(2)]
        for sender in senders:
            await sender.say(framed(oru()))
            await sender.answers(1)
        assert await (await Sender.to(port)).hears_the_end() == b""
        assert inbox.notices == [("lis", "too_many_connections")]


async def test_an_address_that_is_not_listed_is_a_stranger() -> None:
    elsewhere = msgspec.structs.replace(LIS, networks=(ip_network("192.0.2.0/24"),))
    async with an_inbox(loopback(elsewhere)) as (inbox, port):
        assert await (await Sender.to(port)).hears_the_end() == b""
        assert inbox.notices == [("", "stranger")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    authority_and(tmp_path, "gateway", "lis.hospital.example", "his.hospital.example", "other.example")
    return tmp_path


def listener_with_tls(folder: Path) -> Listener:
    tls = server_tls(folder / "gateway.pem", folder / "gateway.key", folder / "root.pem")
    lis = Partner("lis", Charset.UTF_8, LIS.answers, frozenset({"lis.hospital.example"}))
    his = Partner("his", Charset.UTF_8, LIS.answers, frozenset({"his.hospital.example"}))
    return Listener("127.0.0.1", 0, (lis, his), tls)


def tls_of(folder: Path, name: str) -> ssl.SSLContext:
    return client_tls(folder / "root.pem", folder / f"{name}.pem", folder / f"{name}.key")


async def test_with_tls_the_certificate_says_who_it_is(folder: Path) -> None:
    async with an_inbox(listener_with_tls(folder)) as (inbox, port):
        for name in ("his.hospital.example", "lis.hospital.example"):
            sender = await Sender.to(port, tls_of(folder, name))
            await sender.say(framed(oru()))
            assert msa(await sender.answers(1)) == ["AA M1"]
        assert [partner for partner, _raw in inbox.kept] == ["his", "lis"]


async def test_a_good_certificate_of_nobody_here_is_a_strangers(folder: Path) -> None:
    async with an_inbox(listener_with_tls(folder)) as (inbox, port):
        sender = await Sender.to(port, tls_of(folder, "other.example"))
        assert await sender.hears_the_end() == b""
        assert inbox.notices == [("", "stranger")] and inbox.kept == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("tls", ["none", "without a certificate", "of its own", "1.1"])
async def test_without_a_signed_certificate_nothing_is_heard(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, tls: str
) -> None:
    context: ssl.SSLContext | None = client_tls(folder / "root.pem")
    if tls == "of its own":
        certificate, key = self_signed(tmp_path_factory.mktemp("own"))
        context = client_tls(folder / "root.pem", certificate, key)
    if tls == "1.1":
        context = tls_of(folder, "lis.hospital.example")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    async with an_inbox(listener_with_tls(folder)) as (inbox, port):
        try:
            sender = await Sender.to(port, None if tls == "none" else context)
            await sender.say(framed(oru()))
            assert b"MSA" not in await sender.hears_the_end()
        except OSError:
            pass
        assert inbox.asked == 0


NAMED = msgspec.structs.replace(LIS, certificate_names=frozenset({"lis"}))


@pytest.mark.parametrize(
    "listener",
    [
        Listener("0.0.0.0", 0, (LIS,)),
        Listener("192.0.2.1", 0, (LIS,)),
        Listener("lis-gateway", 0, (LIS,)),
        Listener("127.0.0.1", 0, ()),
        Listener("127.0.0.1", 0, (LIS, LIS)),
        Listener("127.0.0.1", 0, (LIS,), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)),
    ],
)
def test_a_listener_that_would_let_anybody_in_is_refused(listener: Listener) -> None:
    with pytest.raises(UnsafeListener):
        listener.check()


def test_with_tls_every_partner_has_a_certificate_of_its_own(folder: Path) -> None:
    tls = server_tls(folder / "gateway.pem", folder / "gateway.key", folder / "root.pem")
    Listener("0.0.0.0", 0, (NAMED,), tls).check()
    for partners in ((), (LIS,), (NAMED, NAMED)):
        with pytest.raises(UnsafeListener):
            Listener("0.0.0.0", 0, partners, tls).check()


def test_an_allow_list_or_loopback_makes_plain_mllp_safe_enough() -> None:
    listed = msgspec.structs.replace(LIS, networks=(ip_network("10.1.0.0/16"),))
    Listener("0.0.0.0", 2575, (listed,)).check()
    Listener("::1", 2575, (LIS,)).check()
    assert listed.may_come_from("10.1.2.3") and listed.may_come_from("::ffff:10.1.2.3")
    assert not listed.may_come_from("10.2.0.1") and not listed.may_come_from("fe80::1%eth0")
