"""A card on its way: from an address to an event in that person's feed, encrypted for their devices."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from myelin.matrix.json import JsonObject
from myelin_gateway.delivery import Feed, Outgoing, Store
from myelin_gateway.matrix.account import Account
from myelin_gateway.matrix.devices import Devices
from myelin_gateway.matrix.encryption import Encryption
from myelin_gateway.matrix.homeserver import CLIENT, Homeserver, segment
from myelin_gateway.matrix.people import People

SYNC_TIMEOUT_MS = 25_000
# Services hear of their rooms' events when actions are read; here only keys matter.
NO_ROOMS = '{"room":{"rooms":[]},"presence":{"types":[]},"account_data":{"types":[]}}'


class Delivered(msgspec.Struct, frozen=True):
    user_id: str
    event_id: str


class NoDevice(msgspec.Struct, frozen=True):
    """The person is known, and has no device that they have signed."""

    user_id: str


class Courier:
    """Brings cards to people."""

    def __init__(
        self, homeserver: Homeserver, account: Account, store: Store, now: Callable[[], int], new_id: Callable[[], str]
    ) -> None:
        self._homeserver, self._account, self._store, self._now = homeserver, account, store, now
        self._people = People(homeserver, account.user_id)
        self._devices = Devices(homeserver, account.olm, store, now)
        self._encryption = Encryption(homeserver, account.olm, new_id)
        self._since = ""

    async def bring(self, card: Outgoing) -> Delivered | NoDevice:
        """Send a card; as often as it is asked, there is one event. Raises MatrixFailure."""
        user_id = await self._people.user_id(card.target)
        # The room comes first: only who shares an encrypted room with us is told to us when their devices change.
        room_id = await self._room(user_id, card.feed)
        device_ids = await self._devices.of(user_id)
        if not device_ids:
            return NoDevice(user_id)
        content = msgspec.json.decode(card.content, type=dict)
        secret = await self._encryption.encrypted(room_id, user_id, device_ids, "m.room.message", content)
        path = f"{CLIENT}/rooms/{segment(room_id)}/send/m.room.encrypted/{segment(card.transaction_id)}"
        answer = await self._homeserver.put(path, secret)
        return Delivered(user_id, str(answer["event_id"]))

    async def listen(self) -> tuple[str, ...]:
        """Wait for news of the devices of people, and return whose have changed; a sign of life as well."""
        query: dict[str, str | int] = {"filter": NO_ROOMS, "timeout": SYNC_TIMEOUT_MS if self._since else 0}
        if self._since:
            query["since"] = self._since
        news = await self._homeserver.get(f"{CLIENT}/sync", query, wait_s=SYNC_TIMEOUT_MS / 1000)
        changed = changed_people(news)
        for user_id in changed:
            self._devices.forget(user_id)
        counts = news.get("device_one_time_keys_count")
        await self._account.keep_keys(counts if isinstance(counts, dict) else {})
        self._since = str(news["next_batch"])
        return changed

    async def _room(self, user_id: str, feed: Feed) -> str:
        known = await self._store.feed_room(user_id, feed)
        if known is not None:
            return known
        # Asked again after a crash, the homeserver returns the room that it made.
        answer = await self._homeserver.post(f"{CLIENT}/createRoom", feed_room(user_id, feed))
        room_id = str(answer["room_id"])
        await self._store.keep_feed_room(user_id, feed, room_id)
        return room_id


def feed_room(user_id: str, feed: Feed) -> JsonObject:
    state: JsonObject = {"type": "org.myelin.room", "state_key": "", "content": {"feed": feed}}
    return {"is_direct": True, "invite": [user_id], "initial_state": [state]}


def changed_people(news: JsonObject) -> tuple[str, ...]:
    lists = news.get("device_lists")
    changed = lists.get("changed") if isinstance(lists, dict) else None
    return tuple(map(str, changed)) if isinstance(changed, list) else ()
