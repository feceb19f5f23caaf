"""A Matrix user: the set-up calls of the client-server API, one after another on a channel of his own."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import msgspec

from bench.load.answers import SENT, Created, Limited, Nothing, Registered
from bench.load.bodies import MESSAGES
from bench.load.http import Address, Channel, head
from bench.load.ward import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from bench.load.http import Answer

CLIENT = "/_matrix/client/v3"
PASSWORD = "correct horse battery"
SET_UP_AT_ONCE = 8
ENCRYPTION = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}

Parsed = TypeVar("Parsed")
Item = TypeVar("Item")
Made = TypeVar("Made")


class Unexpected(Exception):
    """The server answered a set-up call or a sync with something else than success."""


class User:
    """A signed-in person."""

    def __init__(self, address: Address, channel: Channel, registered: Registered) -> None:
        self.address = address
        self.channel = channel
        self.user_id = registered.user_id
        self.token = registered.access_token

    async def create_room(self, invite: Sequence[str] = (), preset: str = "private_chat") -> str:
        body = {"preset": preset, "invite": invite, "initial_state": [ENCRYPTION]}
        created = await call(self.channel, Created, "POST", f"{CLIENT}/createRoom", body, self.token)
        return created.room_id

    async def join(self, room_id: str) -> None:
        await call(self.channel, Nothing, "POST", f"{CLIENT}/rooms/{quote(room_id)}/join", {}, self.token)

    async def get(self, path: str) -> Answer:
        return succeeded(await self.channel.request(self.request("GET", path)))

    def request(self, method: str, path: str, body_bytes: int = 0) -> bytes:
        return head(method, CLIENT + path, self.token, body_bytes, self.address.host)

    def pen(self, room_id: str) -> Pen:
        return Pen(self, room_id)


class Pen:
    """Sends encrypted-looking messages of one user to one room; its heads are made once."""

    def __init__(self, user: User, room_id: str) -> None:
        path = f"/rooms/{quote(room_id)}/send/m.room.encrypted/"
        self._before, self._after = user.request("PUT", path + "@", MESSAGES.bytes).split(b"@", 1)
        self._channel = user.channel

    async def write(self, number: int) -> str:
        """The event id that the server gave the message, or `Refused`."""
        transaction = b"%d" % number
        answer = await self._channel.request(self._before + transaction + self._after + MESSAGES.body(number))
        if answer.status != 200:
            raise Refused(answer.status, answer.body[:200])
        return SENT.decode(answer.body).event_id


class Homeserver:
    """Where users are made: every one gets a new name."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._numbers = itertools.count()

    async def register(self) -> User:
        """By the dummy flow, which Synapse and Myelin both allow when registration is open."""
        body = {"username": f"member-{next(self._numbers)}", "password": PASSWORD, "auth": {"type": "m.login.dummy"}}
        channel = Channel(self.address)
        registered = await call(channel, Registered, "POST", f"{CLIENT}/register", body)
        return User(self.address, channel, registered)

    async def register_many(self, count: int) -> list[User]:
        return await each(range(count), lambda _: self.register())


async def sign_in(user: User) -> int:
    """A password sign-in on a connection of its own, again whenever the server says so; how often it was put off."""
    identifier = {"type": "m.id.user", "user": user.user_id}
    body = msgspec.json.encode({"type": "m.login.password", "identifier": identifier, "password": PASSWORD})
    channel = Channel(user.address)
    request, put_off = head("POST", f"{CLIENT}/login", "", len(body), user.address.host) + body, 0
    while (answer := await channel.request(request)).status == 429:
        put_off += 1
        await asyncio.sleep(msgspec.json.decode(answer.body, type=Limited).retry_after_ms / 1000)
    channel.close()
    succeeded(answer)
    return put_off


async def call(channel: Channel, kind: type[Parsed], method: str, path: str, body: object, token: str = "") -> Parsed:
    encoded = msgspec.json.encode(body)
    answer = await channel.request(head(method, path, token, len(encoded), "127.0.0.1") + encoded)
    return msgspec.json.decode(succeeded(answer).body, type=kind)


def succeeded(answer: Answer) -> Answer:
    if answer.status != 200:
        raise Unexpected(answer.status, answer.body[:300])
    return answer


async def each(
    items: Iterable[Item], make: Callable[[Item], Awaitable[Made]], at_once: int = SET_UP_AT_ONCE
) -> list[Made]:
    """What `make` gives for each item, in their order, a few under way at a time."""
    places = asyncio.Semaphore(at_once)

    async def one(item: Item) -> Made:
        async with places:
            return await make(item)

    return list(await asyncio.gather(*(one(item) for item in items)))
