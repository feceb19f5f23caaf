"""A department of thirty at work through two servers: messages, threads, reactions, receipts, notes between devices.

What they were promised is kept here, to be held against what is there in the end.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from myelin.push.outbox import NOTES_LIMIT
from tests.contract.keys import DeviceKeys
from tests.crash.devices import Device, Reader
from tests.crash.servers import until
from tests.crash.wire import Json
from tests.database.test_command_line import myelin
from tests.gateways import PushGateway

PEOPLE = 30
# They have put their phones aside: they read nothing, and are rung for whatever others say.
RESTING = 5
LONG_POLL_MS = 10_000
THINK_S = 1.0
HEAD = "工号,姓名,科室,职称,职业,电话,兼职\n"
DEPARTMENT = "内科系统/心内科"
CODE = re.compile(r"<b>([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})</b>")


def listing(numbers: Sequence[int], department: str = DEPARTMENT) -> str:
    """A file of people."""
    return HEAD + "".join(f"{number},某{number},{department},医师,医,,\n" for number in numbers)


@dataclass
class Colleague(Reader):
    """What a device was shown, and what other devices sent to it."""

    received: list[str] = field(default_factory=list)

    async def take(self, answer: Json) -> None:
        self.received += [event["content"]["text"] for event in answer.get("to_device", {}).get("events", ())]
        await super().take(answer)


@dataclass
class Member:
    """Somebody of the department, on a device that acts and another connection of it that reads."""

    device: Device
    reader: Colleague


@dataclass
class Promises:
    """What the servers have accepted."""

    texts: list[str] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)
    replies: Counter[str] = field(default_factory=Counter)
    reactions: Counter[str] = field(default_factory=Counter)
    read: dict[str, str] = field(default_factory=dict)
    sent: list[tuple[str, str]] = field(default_factory=list)
    by: Counter[int] = field(default_factory=Counter)


class Department:
    """The people and their room."""

    def __init__(self, members: Sequence[Member], room_id: str, chance: random.Random) -> None:
        self.members = members
        self.room_id = room_id
        self.promises = Promises()
        self._chance = chance
        self._closing = asyncio.Event()
        self._roots: list[str] = []

    def close(self) -> None:
        self._closing.set()

    async def work(self) -> None:
        """Everybody acts and reads until `close`; then they read to the end."""
        async with asyncio.TaskGroup() as reading:
            readers = [reading.create_task(member.reader.follow(LONG_POLL_MS)) for member in self.members]
            async with asyncio.TaskGroup() as acting:
                for member in self.members:
                    acting.create_task(self._act(member))
            try:
                await until(self.everything_has_arrived, "everything has arrived")
            finally:
                for reader in readers:
                    reader.cancel()

    async def more_accepted(self, count: int, ports: Sequence[int]) -> None:
        """Waits until so much more was accepted by each of these servers."""
        goals = {port: self.promises.by[port] + count for port in ports}
        await until(lambda: all(self.promises.by[port] >= goal for port, goal in goals.items()), "acts are accepted")

    def everything_has_arrived(self) -> bool:
        sent = Counter(user_id for user_id, _ in self.promises.sent)
        return all(
            len(member.reader.texts(self.room_id)) >= len(self.promises.texts)
            and len(member.reader.received) >= sent[member.device.user_id]
            for member in self.members
        )

    @property
    def resting(self) -> Sequence[Member]:
        return self.members[:RESTING]

    async def be_rung(self, gateway: PushGateway) -> None:
        """Have those who rest rung at a gateway."""
        for member in self.resting:
            await member.device.insist("POST", "/pushers/set", pusher_of(member, gateway))

    def everybody_was_rung(self, gateway: PushGateway) -> bool:
        """Whether each of those who rest was rung for what others have said.

        Where nobody could be rung for long, the oldest may have fallen away, and as many as can wait came after it.
        """
        rung = {
            (device["pushkey"], told.notification.get("event_id"))
            for told in gateway.told
            for device in told.notification["devices"]
        }
        return all(self._was_rung(member.device.user_id, rung) for member in self.resting)

    def _was_rung(self, user_id: str, rung: set[tuple[str, str | None]]) -> bool:
        came = [(user_id, event_id) in rung for event_id, sender in self.promises.said if sender != user_id]
        ends_of_losses = [at for at, (was, now) in enumerate(pairwise(came), start=1) if now and not was]
        return came[-1] and all(all(came[at : at + NOTES_LIMIT]) for at in ends_of_losses)

    async def _act(self, member: Member) -> None:
        acts = [self._say, self._reply, self._react, self._send]
        if member not in self.resting:
            acts.append(self._read)
        while not self._closing.is_set():
            await self._chance.choice(acts)(member)
            self.promises.by[member.device.port] += 1
            # People think between two acts: this sets the load, and nothing waits for it.
            await asyncio.sleep(self._chance.uniform(0, THINK_S))

    async def _say(self, member: Member) -> None:
        self._roots.append(await self._accepted(member, {}))

    async def _reply(self, member: Member) -> None:
        if self._roots:
            root = self._chance.choice(self._roots[-5:])
            await self._accepted(member, {"m.relates_to": {"rel_type": "m.thread", "event_id": root}})
            self.promises.replies[root] += 1

    async def _accepted(self, member: Member, extra: dict[str, Any]) -> str:
        txn_id = member.device.new_transaction()
        text = f"{member.device.user_id} {txn_id}"
        path = f"/rooms/{quote(self.room_id)}/send/m.room.message/{txn_id}"
        answer = await member.device.insist("PUT", path, {"msgtype": "m.text", "body": text, **extra})
        self.promises.texts.append(text)
        event_id: str = answer["event_id"]
        self.promises.said.append((event_id, member.device.user_id))
        return event_id

    async def _react(self, member: Member) -> None:
        if self._roots:
            root, txn_id = self._chance.choice(self._roots[-5:]), member.device.new_transaction()
            relation = {"rel_type": "m.annotation", "event_id": root, "key": txn_id}
            path = f"/rooms/{quote(self.room_id)}/send/m.reaction/{txn_id}"
            await member.device.insist("PUT", path, {"m.relates_to": relation})
            self.promises.reactions[root] += 1

    async def _read(self, member: Member) -> None:
        shown = member.reader.shown.get(self.room_id, ())
        said = [event["event_id"] for event in shown if event["sender"] != member.device.user_id]
        if said:
            await member.device.insist("POST", f"/rooms/{quote(self.room_id)}/receipt/m.read/{quote(said[-1])}", {})
            self.promises.read[member.device.user_id] = said[-1]

    async def _send(self, member: Member) -> None:
        to, txn_id = self._chance.choice(self.members).device, member.device.new_transaction()
        text = f"{member.device.user_id} {txn_id}"
        body = {"messages": {to.user_id: {to.device_id: {"text": text}}}}
        await member.device.insist("PUT", f"/sendToDevice/org.example.note/{txn_id}", body)
        self.promises.sent.append((to.user_id, text))


def pusher_of(member: Member, gateway: PushGateway) -> Json:
    """A phone at the gateway, by its owner's name."""
    return {
        "kind": "http",
        "app_id": "org.example.app",
        "pushkey": member.device.user_id,
        "app_display_name": "App",
        "device_display_name": "Phone",
        "lang": "zh",
        "data": {"url": gateway.url, "format": "event_id_only"},
    }


async def opened(environment: dict[str, str], ports: Sequence[int], folder: Path, seed: int) -> Department:
    """A department whose people were imported, have activated themselves, and stand in the room that follows them."""
    numbers, file, slips = range(1000, 1000 + PEOPLE), folder / "people.csv", folder / "codes.html"
    file.write_text(listing(numbers))
    command = ("directory", "import", str(file), "--yes", "--codes", str(slips))
    imported = await asyncio.to_thread(myelin, environment, *command)
    assert imported.returncode == 0, imported.stderr
    codes = CODE.findall(slips.read_text())
    chance = random.Random(seed)
    signing_in = (arrived(ports, number, code, chance) for number, code in zip(numbers, codes, strict=True))
    members = await asyncio.gather(*signing_in)
    for member in members:
        await until(lambda member=member: is_in_a_room(member), "the directory has joined everybody")  # type: ignore[misc]
    (room_id,) = {name for member in members for name in member.reader.shown}
    return Department(members, room_id, chance)


async def is_in_a_room(member: Member) -> bool:
    await member.reader.read()
    return bool(member.reader.shown)


async def arrived(ports: Sequence[int], number: int, code: str, chance: random.Random) -> Member:
    """Somebody who has chosen a password and published the keys of a device."""
    base_url, password = f"http://127.0.0.1:{ports[number % len(ports)]}", f"password of {number}"
    async with httpx.AsyncClient(base_url=base_url, timeout=60) as http:
        body = {"employee_number": str(number), "code": code, "password": password}
        (await http.post("/_myelin/v1/activate", json=body)).raise_for_status()
        identifier = {"type": "m.id.user", "user": str(number)}
        login = {"type": "m.login.password", "identifier": identifier, "password": password}
        answer = (await http.post("/_matrix/client/v3/login", json=login)).raise_for_status().json()
    device = Device(ports, chance)
    device.user_id, device.device_id, device.token = answer["user_id"], answer["device_id"], answer["access_token"]
    keys = DeviceKeys(device.user_id, device.device_id)
    await device.insist("POST", "/keys/upload", {"device_keys": keys.identity()})
    reader = Colleague(Device(ports, chance))
    reader.device.take_session_of(device)
    return Member(device, reader)
