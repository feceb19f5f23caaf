"""One account at its one device: signed in, known as its owner's, listening and speaking in encrypted rooms."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from uuid import uuid4

import aiohttp
import msgspec
from nio import (
    AsyncClient,
    AsyncClientConfig,
    Event,
    InviteMemberEvent,
    LoginResponse,
    MatrixRoom,
    RoomPreset,
    RoomSendResponse,
    SyncResponse,
)

from myelin.bots.identity import Identity, inside, seeds_in, signed_devices
from myelin.matrix.identifiers import localpart_of
from myelin.matrix.json import JsonObject

POLL_MS = 30_000
AGAIN_S = 1.0
CLIENT = "/_matrix/client/v3"

logger = logging.getLogger(__name__)

Heard = Callable[["Bot", MatrixRoom, Event], Awaitable[None]]


class BotError(Exception):
    """The server has refused something that a bot cannot do without."""


class Bot:
    """A member of rooms. Its folder keeps its keys: no two programs may use it at a time."""

    def __init__(self, base_url: str, user_id: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        config = AsyncClientConfig(encryption_enabled=True, store_sync_tokens=True, max_timeouts=0)
        self.user_id = user_id
        # Of its own for each bot: nio takes any device of this name for itself, and would share no keys with it.
        self.device_id = f"BOT-{localpart_of(user_id).upper()}"
        self.client = AsyncClient(base_url, user_id, device_id=self.device_id, store_path=str(folder), config=config)
        self._identity = Identity(user_id, seeds_in(folder / "seeds.json"))
        # Whatever touches keys, one after the other: nio would leave a device out that appears while it shares a
        # room's keys, and asks for keys that have come meanwhile.
        self._keys = asyncio.Lock()
        self._turned = asyncio.Event()

    async def arrive(self, password: str) -> None:
        """Sign in, publish the device's keys, and have its owner's identity sign them."""
        answer = await self.client.login(password, device_name=self.device_id)
        if not isinstance(answer, LoginResponse):
            raise BotError(f"sign-in was refused: {answer}")
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        await self._publish_identity(password)
        # nio keeps no rooms in its store: it asks for their state each time that it starts.
        synced = await self.client.sync(timeout=0, full_state=True)
        if not isinstance(synced, SyncResponse):
            raise BotError(f"the first sync was refused: {synced}")
        # Only the sync has told how many one-time keys are wanted; without them nobody can write to this device.
        await self._keep_keys()
        for room_id in list(self.client.invited_rooms):
            await self.client.join(room_id)

    async def listen(self, heard: Heard) -> None:
        """Tell of every event as it comes, and accept every invitation, until cancelled."""

        async def told(room: MatrixRoom, event: Event) -> None:
            await heard(self, room, event)

        async def invited(room: MatrixRoom, _: InviteMemberEvent) -> None:
            await self.client.join(room.room_id)

        self.client.add_event_callback(told, (Event,))
        self.client.add_event_callback(invited, (InviteMemberEvent,))
        while True:
            try:
                await self._turn()
            except aiohttp.ClientError:
                await asyncio.sleep(AGAIN_S)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return once a condition holds, which is looked at with each sync."""
        while not condition():
            await self._turned.wait()

    async def _turn(self) -> None:
        answer = await self.client.sync(timeout=POLL_MS)
        if not isinstance(answer, SyncResponse):
            logger.warning("a sync was refused: %s", answer)
            await asyncio.sleep(AGAIN_S)
        await self._keep_keys()
        self._turned.set()
        self._turned.clear()

    async def _keep_keys(self) -> None:
        async with self._keys:
            if self.client.should_upload_keys:
                await self.client.keys_upload()
            if self.client.should_query_keys:
                await self.client.keys_query()
            if self.client.should_claim_keys:
                await self.client.keys_claim(self.client.get_users_for_key_claiming())
            await self.client.send_to_device_messages()

    async def leave(self) -> None:
        """Close the connections; the session and its keys stay."""
        await self.client.close()

    async def say(
        self, room_id: str, text: str, relation: JsonObject | None = None, mentioned: Sequence[str] = ()
    ) -> str:
        """Write a message, encrypted for every signed-in device of the room, and return its id."""
        content: JsonObject = {"msgtype": "m.text", "body": text, "m.mentions": {}}
        if mentioned:
            content["m.mentions"] = {"user_ids": [*mentioned]}
        if relation is not None:
            content["m.relates_to"] = relation
        return await self._send(room_id, "m.room.message", content)

    async def react(self, room_id: str, event_id: str, key: str) -> None:
        """Put a reaction on a message."""
        relation: JsonObject = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
        await self._send(room_id, "m.reaction", {"m.relates_to": relation})

    async def read(self, room_id: str, event_id: str) -> None:
        """Say that everything up to an event has been read."""
        await self.client.update_receipt_marker(room_id, event_id, thread_id=None)

    async def types(self, room_id: str, for_ms: int) -> None:
        """Show that something is being written."""
        await self.client.room_typing(room_id, True, for_ms)

    async def direct_room(self, user_id: str) -> str:
        """Return the direct chat with somebody, a new one where there is none."""
        for room in self.client.rooms.values():
            if room.member_count == 2 and user_id in room.users and room.name is None:
                return str(room.room_id)
        created = await self.client.room_create(
            is_direct=True, invite=[user_id], preset=RoomPreset.trusted_private_chat
        )
        return str(created.room_id)

    def is_joined(self, room_id: str, user_id: str) -> bool:
        """Whether somebody is in a room, as far as this device has heard."""
        room = self.client.rooms.get(room_id)
        return room is not None and user_id in room.users and not room.users[user_id].invited

    async def signed_devices(self, user_ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return whose devices are signed by their owners, by person."""
        keys = await self.ask("POST", f"{CLIENT}/keys/query", {"device_keys": {name: [] for name in user_ids}})
        return {name: signed_devices(name, keys) for name in user_ids}

    async def look_again(self, user_ids: Sequence[str]) -> None:
        """Ask anew for these people's devices, so that the next message is encrypted for all of them."""
        self.client.olm.users_for_key_query.update(user_ids)
        await self._keep_keys()

    async def ask(self, method: str, path: str, body: JsonObject) -> JsonObject:
        """Make a request that nio does not know, and return what is answered; `BotError` where it is refused."""
        status, answer = await self._request(method, path, body)
        if status != 200:
            raise BotError(f"{method} {path.partition('?')[0]}: {status} {answer.get('errcode')}")
        return answer

    async def _send(self, room_id: str, event_type: str, content: JsonObject) -> str:
        async with self._keys:
            sent = await self.client.room_send(
                room_id, event_type, content, tx_id=str(uuid4()), ignore_unverified_devices=True
            )
        if not isinstance(sent, RoomSendResponse):
            raise BotError(f"a message was refused: {sent}")
        return str(sent.event_id)

    async def _publish_identity(self, password: str) -> None:
        keys = await self.ask("POST", f"{CLIENT}/keys/query", {"device_keys": {self.user_id: []}})
        is_published = self._identity.is_published(inside(keys, "master_keys", self.user_id))
        if not is_published:
            await self._upload_identity(password)
        elif self.device_id in signed_devices(self.user_id, keys):
            return
        device = self._identity.sign_device(inside(keys, "device_keys", self.user_id, self.device_id))
        await self.ask("POST", f"{CLIENT}/keys/signatures/upload", {self.user_id: {self.device_id: device}})

    async def _upload_identity(self, password: str) -> None:
        path, body = f"{CLIENT}/keys/device_signing/upload", self._identity.published()
        status, challenge = await self._request("POST", path, {**body})
        if status == 401:
            identifier: JsonObject = {"type": "m.id.user", "user": self.user_id}
            auth: JsonObject = {"type": "m.login.password", "identifier": identifier, "password": password}
            await self.ask("POST", path, {**body, "auth": {**auth, "session": challenge.get("session")}})

    async def _request(self, method: str, path: str, body: JsonObject) -> tuple[int, JsonObject]:
        headers = {"Authorization": f"Bearer {self.client.access_token}", "Content-Type": "application/json"}
        answer = await self.client.send(method, path, msgspec.json.encode(body), headers)
        async with answer:
            return answer.status, msgspec.json.decode(await answer.read(), type=dict)
