"""Signed-in devices that never give up: they repeat what was not answered, elsewhere, and keep what they were shown.

Each knows all servers of its hospital and moves to another one when it is failed, and now and then without a reason.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from tests.crash.wire import Answer, Json, Lost, Wire

PATIENCE_S = 40.0
AGAIN_AFTER_S = 0.05
MOVES = 0.1
# What a client repeats: the server is away or busy. Anything else is an answer.
PASSING = frozenset({429, 502, 503})
CLIENT = "/_matrix/client/v3"


class Refused(Exception):
    """A server answered what no crash excuses."""


@dataclass
class Device:
    """One person on one device; `chance` decides where it turns to."""

    ports: Sequence[int]
    chance: random.Random
    user_id: str = ""
    device_id: str = ""
    token: str | None = None
    repeated: int = 0
    patience_s: float = PATIENCE_S
    _wires: list[Wire] = field(init=False)
    _wire: int = 0
    _transactions: itertools.count[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self._wires = [Wire(port) for port in self.ports]
        self._wire = self.chance.randrange(len(self._wires))

    @property
    def port(self) -> int:
        """The server that it turns to at the moment."""
        return self.ports[self._wire]

    def take_session_of(self, device: Device) -> None:
        """Be the same device on other connections."""
        self.user_id, self.device_id, self.token = device.user_id, device.device_id, device.token

    async def ask(self, method: str, path: str, body: Json | None = None) -> Answer:
        """One try."""
        return await self._wires[self._wire].ask(method, CLIENT + path, self.token, body)

    async def insist(self, method: str, path: str, body: Json | None = None) -> Json:
        """Ask until there is an answer: the same request, the same transaction id, whichever server."""
        async with asyncio.timeout(self.patience_s):
            while True:
                if self.chance.random() < MOVES:
                    self._move()
                try:
                    answer = await self.ask(method, path, body)
                except Lost:
                    answer = Answer(503, {"errcode": "lost"})
                if answer.status == 200:
                    return answer.fields
                if answer.status not in PASSING:
                    raise Refused(f"{method} {path.partition('?')[0]}: {answer.status} {answer.fields}")
                self.repeated += 1
                self._move()
                await asyncio.sleep(AGAIN_AFTER_S)

    async def register(self, name: str) -> None:
        """Make an account and sign in."""
        body = {"username": name, "password": f"password of {name}"}
        session = (await self.ask("POST", "/register", body)).fields["session"]
        auth = {"type": "m.login.dummy", "session": session}
        # Not repeated: nobody is hurt yet, and a name is given once.
        made = await self.ask("POST", "/register", {**body, "auth": auth})
        if made.status != 200:
            raise Refused(f"register: {made.status} {made.fields}")
        answer = made.fields
        self.user_id, self.device_id, self.token = answer["user_id"], answer["device_id"], answer["access_token"]

    async def create_room(self, *invited: Device) -> str:
        """A private room; the invited have joined it when this returns."""
        body = {"preset": "private_chat", "invite": [device.user_id for device in invited]}
        room_id: str = (await self.insist("POST", "/createRoom", body))["room_id"]
        for device in invited:
            await device.insist("POST", f"/join/{quote(room_id)}", {})
        return room_id

    def new_transaction(self) -> str:
        return f"t{next(self._transactions)}"

    async def say(self, room_id: str, text: str, txn_id: str | None = None) -> str:
        """Send a message until it is accepted; its event id."""
        path = f"/rooms/{quote(room_id)}/send/m.room.message/{txn_id or self.new_transaction()}"
        event_id: str = (await self.insist("PUT", path, {"msgtype": "m.text", "body": text}))["event_id"]
        return event_id

    async def sync(self, since: str | None = None, timeout_ms: int = 0, limit: int = 10) -> Json:
        """One answer of `/sync`, with at most `limit` events of each timeline."""
        wishes = {"timeout": timeout_ms, "filter": f'{{"room":{{"timeline":{{"limit":{limit}}}}}}}'}
        query = urlencode(wishes | ({"since": since} if since else {}))
        return await self.insist("GET", f"/sync?{query}")

    async def messages_before(self, room_id: str, start: str, end: str | None = None) -> list[Json]:
        """Every event of a room from one token back to another or to the beginning, oldest first."""
        found: list[Json] = []
        while True:
            query = urlencode({"dir": "b", "limit": 50, "from": start} | ({"to": end} if end else {}))
            page = await self.insist("GET", f"/rooms/{quote(room_id)}/messages?{query}")
            found += page["chunk"]
            if "end" not in page:
                return found[::-1]
            start = page["end"]

    def hang_up(self) -> None:
        for wire in self._wires:
            wire.close()

    def _move(self) -> None:
        self._wire = (self._wire + 1) % len(self._wires)


@dataclass
class Reader:
    """What a device was shown of its rooms by syncing, every gap filled, in the order in which it was shown."""

    device: Device
    shown: dict[str, list[Json]] = field(default_factory=dict)
    since: str | None = None
    restarts: int = 0
    gaps: int = 0

    async def follow(self, timeout_ms: int) -> None:
        """Sync for ever, waiting so long each time."""
        while True:
            await self.read(timeout_ms)

    async def read(self, timeout_ms: int = 0, limit: int = 10) -> None:
        """Take one answer."""
        await self.take(await self.device.sync(self.since, timeout_ms, limit))

    async def take(self, answer: Json) -> None:
        """Note what an answer shows."""
        rooms = answer.get("rooms", {}).get("join", {})
        if self.since is not None and any(is_whole(room) for room_id, room in rooms.items() if room_id in self.shown):
            self.restarts += 1
        for room_id, room in rooms.items():
            await self._take(room_id, room["timeline"])
        self.since = answer["next_batch"]

    async def _take(self, room_id: str, timeline: Json) -> None:
        missed: list[Json] = []
        if timeline.get("limited"):
            self.gaps += 1
            missed = await self.device.messages_before(room_id, timeline["prev_batch"], self.since)
        self.shown.setdefault(room_id, []).extend([*missed, *timeline["events"]])

    def texts(self, room_id: str) -> list[str]:
        """The messages of a room as they were shown."""
        return texts(self.shown.get(room_id, ()))


def is_whole(room: Json) -> bool:
    """Whether an answer tells all of a room anew."""
    return any(event["type"] == "m.room.create" for event in room.get("state", {}).get("events", ()))


def texts(events: Sequence[Json]) -> list[str]:
    return [event["content"]["body"] for event in events if event["type"] == "m.room.message"]
