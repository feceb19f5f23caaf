"""A hospital with a gateway beside it, and a doctor with a device: everything real, each a process or a client."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from functools import partial
from pathlib import Path

import msgspec
from nio import Event, MatrixRoom, MegolmEvent

from myelin.bots.bot import Bot
from myelin_gateway.channels.mllp import MllpClient
from myelin_gateway.hl7v2 import Charset
from tests.contract.hospital import Hospital
from tests.servers import SERVER_NAME, free_port

PEOPLE = """\
工号,姓名,科室,职称,职业,电话,兼职
D001,李四,内科系统/重症医学科,主任医师,医,8001,
D002,赵六,内科系统/重症医学科,主治医师,医,8002,
"""
SERVICE = f"@_lab:{SERVER_NAME}"
PASSWORD = "the password of the laboratory"
TIMEOUT_S = 60


class Gateway(msgspec.Struct):
    """A gateway that was set up, running or not."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    def start(self, stumbles_at: str = "") -> None:
        """Start it, and return when it listens."""
        module = "tests.gateway.stumbling" if stumbles_at else "myelin_gateway"
        command = [sys.executable, "-m", module, "serve", "--config", str(self.folder / "gateway.toml")]
        environment = {**os.environ, "STUMBLE": stumbles_at}
        with (self.folder / "output").open("ab") as output:
            heard = self.output.count("The gateway listens.")
            self.process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        deadline = time.monotonic() + TIMEOUT_S
        while self.output.count("The gateway listens.") <= heard:
            assert self.process.poll() is None and time.monotonic() < deadline, self.output
            time.sleep(0.05)

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Stop it, and return how it ended."""
        assert self.process
        self.process.send_signal(by)
        return self.process.wait(TIMEOUT_S)

    async def has_cards(self, *states: str) -> None:
        """Return once the cards of the outbox, in a SQLite store, are in these states."""
        async with asyncio.timeout(TIMEOUT_S):
            while (found := self.card_states()) != [*states]:
                assert len(found) <= len(states), found
                await asyncio.sleep(0.05)

    def card_states(self) -> list[str]:
        with closing(sqlite3.connect(self.folder / "gateway.db")) as store:
            return [state for (state,) in store.execute("SELECT state FROM outbox ORDER BY outbox_id")]

    async def falls(self) -> None:
        """Return when it was killed."""
        assert self.process
        assert await asyncio.to_thread(self.process.wait, TIMEOUT_S) == -signal.SIGKILL, self.output


def set_up(folder: Path, url: str, store: str = "sqlite:///gateway.db", more: str = "") -> Gateway:
    """Write what an integrator would write."""
    folder.mkdir(parents=True, exist_ok=True)
    secret = folder / "gateway.password"
    secret.write_text(f"{PASSWORD}\n")
    secret.chmod(0o600)
    maps = folder / "maps/lis"
    maps.mkdir(parents=True, exist_ok=True)
    (maps / "staff.csv").write_text("code,employee\nD001,D001\nD002,D002\nD404,D404\n")
    port = free_port()
    (folder / "gateway.toml").write_text(
        f"""
[homeserver]
url = "{url}"
user = "{SERVICE}"
password_file = "gateway.password"

[store]
url = "{store}"

[[partners]]
name = "lis"
protocol = "hl7v2"
listen = "127.0.0.1:{port}"
charset = "utf-8"
maps = "maps/lis"
{more}
"""
    )
    return Gateway(folder, port)


@contextmanager
def gateway_of(
    hospital: Hospital, folder: Path, store: str = "sqlite:///gateway.db", more: str = ""
) -> Iterator[Gateway]:
    """A gateway that has an account; started and stopped by whoever asked, and gone at the end."""
    if SERVICE not in hospital.command("service", "list"):
        hospital.command("service", "add", "lab", "--title", "检验科", "--password-stdin", stdin=PASSWORD)
    gateway = set_up(folder, hospital.url, store, more)
    try:
        yield gateway
    finally:
        if gateway.process and gateway.process.poll() is None:
            gateway.stop()


class Doctor:
    """Somebody with a signed device that reads what it is told."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.cards: list[dict[str, object]] = []
        self.at_s: list[float] = []
        self.unreadable = 0

    async def heard(self, _bot: Bot, _room: MatrixRoom, event: Event) -> None:
        if isinstance(event, MegolmEvent):
            self.unreadable += 1
        elif "org.myelin.card" in (content := event.source.get("content", {})):
            self.cards.append(content | {"room_id": _room.room_id})
            self.at_s.append(time.perf_counter())

    async def reads(self, count: int) -> Sequence[dict[str, object]]:
        """Return the cards once there are so many."""
        async with asyncio.timeout(TIMEOUT_S):
            await self.bot.until(lambda: len(self.cards) >= count)
        return self.cards


@asynccontextmanager
async def doctor_of(hospital: Hospital, folder: Path, number: str = "d001") -> AsyncIterator[Doctor]:
    """Somebody of the directory, at their device."""
    password = hospital.give_password(number)
    bot = Bot(hospital.url, f"@{number}:{SERVER_NAME}", folder / number)
    await bot.arrive(password)
    # By default a sync leaves out what is more than a few messages: here each of them counts.
    bot.client.sync = partial(bot.client.sync, sync_filter={"room": {"timeline": {"limit": 1000}}})
    doctor = Doctor(bot)
    listening = asyncio.create_task(bot.listen(doctor.heard))
    try:
        yield doctor
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await bot.leave()


@asynccontextmanager
async def laboratory(gateway: Gateway) -> AsyncIterator[MllpClient]:
    client = MllpClient("127.0.0.1", gateway.port, Charset.UTF_8, pauses_s=(0.05,))
    try:
        yield client
    finally:
        await client.close()


def report(
    control_id: str, orderer: str = "D001", flag: str = "N", patient: str = "T000017", value: str = "4.1"
) -> bytes:
    """Return a laboratory report of one result."""
    lines = [
        f"MSH|^~\\&|LIS|检验科|IM|医院|20261124080000||ORU^R01^ORU_R01|{control_id}|P|2.5.1|||||CHN|UNICODE UTF-8",
        f"PID|1||{patient}^^^HOSP^MR||测试^患者甲||19700101|M",
        "PV1|1|I|ICU^01^02^HOSP||||||||||||||||V0001",
        f"OBR|1|O{control_id}|F{control_id}|24321-2^基础代谢组合^LN|||20261124070000|||||||||{orderer}||||||20261124080000||CH|F",
        f"OBX|1|NM|2823-3^钾^LN||{value}|mmol/L|3.5-5.3|{flag}|||F|||20261124075500",
    ]
    return "".join(f"{line}\r" for line in lines).encode()
