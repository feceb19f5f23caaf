"""A matrix-nio client as a person's device: it syncs, closes gaps, and remembers what it read in order."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from nio import (
    AsyncClient,
    AsyncClientConfig,
    JoinResponse,
    LoginResponse,
    MegolmEvent,
    MessageDirection,
    RoomCreateResponse,
    RoomMessage,
    RoomMessagesResponse,
    RoomMessageText,
    RoomPreset,
    RoomSendResponse,
    SyncResponse,
)

from tests.clients.accounts import Account

ENCRYPTION = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
POLL_MS = 10_000

Spoken = tuple[str, str]
"""Who said it, and the text."""


class Device:
    """One signed-in client; `read` holds every message and every event it could not decrypt, in the room's order."""

    def __init__(self, account: Account, store: Path) -> None:
        config = AsyncClientConfig(encryption_enabled=True, store_sync_tokens=True, max_timeouts=0)
        store.mkdir(exist_ok=True)
        self.client = AsyncClient(account.base_url, account.user_id, store_path=str(store), config=config)
        self.account, self.store = account, store
        self.read: list[Any] = []

    @property
    def user_id(self) -> str:
        return self.account.user_id

    @property
    def spoken(self) -> list[Spoken]:
        return spoken(self.read)

    @property
    def undecrypted(self) -> list[Any]:
        return undecrypted(self.read)

    async def turn(self, timeout_ms: int = 0) -> None:
        """One turn of the client's loop: sync, close gaps, and whatever the encryption has to send."""
        client, since = self.client, self.client.next_batch or self.client.loaded_sync_token
        # nio keeps no rooms in its store: when it starts again it has to ask for their state.
        response = await client.sync(timeout=timeout_ms, full_state=not client.next_batch)
        assert isinstance(response, SyncResponse), response
        for room_id, room in response.rooms.join.items():
            gap = (
                await self.history(room_id, room.timeline.prev_batch, since) if room.timeline.limited and since else []
            )
            self.read += readable([*gap, *room.timeline.events])
        await self._send_keys()

    async def turn_until(self, condition: Callable[[], bool], within_s: float = 60) -> None:
        """Turns, waiting at the server, until the condition holds."""
        with anyio.fail_after(within_s):
            while not condition():
                await self.turn(POLL_MS)

    async def create_room(self, *invited: str) -> str:
        created = await self.client.room_create(
            preset=RoomPreset.private_chat, invite=invited, initial_state=[ENCRYPTION], name="Ward 3"
        )
        assert isinstance(created, RoomCreateResponse), created
        return str(created.room_id)

    async def join(self, room_id: str) -> None:
        joined = await self.client.join(room_id)
        assert isinstance(joined, JoinResponse), joined

    async def send(self, room_id: str, content: dict[str, Any]) -> str:
        sent = await self.client.room_send(room_id, "m.room.message", content)
        assert isinstance(sent, RoomSendResponse), sent
        return str(sent.event_id)

    async def say(self, room_id: str, *texts: str) -> None:
        for text in texts:
            await self.send(room_id, {"msgtype": "m.text", "body": text})

    async def history(self, room_id: str, start: str | None = None, end: str | None = None) -> list[Any]:
        """The room's events from oldest to newest, paged back from `start` (default: now) to `end` (the beginning)."""
        newest_first, page_start = [], start or self.client.next_batch
        while page_start is not None:
            page = await self.client.room_messages(room_id, page_start, end, MessageDirection.back, limit=30)
            assert isinstance(page, RoomMessagesResponse), page
            newest_first += page.chunk
            page_start = page.end
        return newest_first[::-1]

    def trust(self, other: "Device") -> None:
        """Compares the keys that the server gave for the other device with its own, and marks it verified."""
        seen = self.client.device_store[other.user_id][other.client.device_id]
        own = other.client.olm.account.identity_keys
        assert (seen.ed25519, seen.curve25519) == (own["ed25519"], own["curve25519"])
        assert self.client.verify_device(seen)

    def knows(self, other: "Device") -> bool:
        """Whether the other device is on this one's list of devices."""
        devices = self.client.device_store
        return other.user_id in devices.users and other.client.device_id in devices[other.user_id]

    def has_read(self, count: int) -> bool:
        return len(self.read) >= count

    def heard(self, other: "Device", text: str) -> bool:
        return (other.user_id, text) in self.spoken

    async def _send_keys(self) -> None:
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        if self.client.should_query_keys:
            await self.client.keys_query()
        if self.client.should_claim_keys:
            await self.client.keys_claim(self.client.get_users_for_key_claiming())
        await self.client.send_to_device_messages()


def readable(events: list[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, RoomMessage | MegolmEvent)]


def spoken(events: list[Any]) -> list[Spoken]:
    return [(event.sender, event.body) for event in events if isinstance(event, RoomMessageText)]


def undecrypted(events: list[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, MegolmEvent)]


@asynccontextmanager
async def signed_in(account: Account, store: Path) -> AsyncIterator[Device]:
    """A new device, with its keys published."""
    device = Device(account, store)
    try:
        answer = await device.client.login(account.password, device_name=store.name)
        assert isinstance(answer, LoginResponse), answer
        await device.turn()
        yield device
    finally:
        await device.client.close()


@asynccontextmanager
async def started_again(device: Device) -> AsyncIterator[Device]:
    """The same device after its program ended: all it has is its store and its access token."""
    await device.client.close()
    again = Device(device.account, device.store)
    try:
        again.client.restore_login(device.user_id, device.client.device_id, device.client.access_token)
        yield again
    finally:
        await again.client.close()
