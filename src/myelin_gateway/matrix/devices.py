"""The devices that keys may go to, as long as nothing has changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from nio.crypto import Olm
from nio.responses import KeysQueryResponse

from myelin.matrix.json import JsonObject
from myelin_gateway.delivery import Store
from myelin_gateway.matrix.homeserver import CLIENT, Homeserver
from myelin_gateway.matrix.trust import claims, only_devices


class Devices:
    """Who has which signed devices. Everybody's master key is pinned when it is first seen.

    `forget` is called for whoever a sync says has changed.
    """

    def __init__(self, homeserver: Homeserver, olm: Olm, store: Store, now: Callable[[], int]) -> None:
        self._homeserver, self._olm, self._store, self._now = homeserver, olm, store, now
        self._known: dict[str, tuple[str, ...]] = {}
        self._changes: Counter[str] = Counter()

    async def of(self, user_id: str) -> tuple[str, ...]:
        """Return somebody's signed devices; none where their identity is not the one that was pinned."""
        known = self._known.get(user_id)
        if known:
            return known
        changes = self._changes[user_id]
        found = await self._ask(user_id)
        # What has changed while it was asked must be asked again.
        if changes == self._changes[user_id]:
            self._known[user_id] = found
        return found

    def forget(self, user_id: str) -> None:
        """Ask for somebody's devices again before the next card."""
        self._changes[user_id] += 1
        self._known.pop(user_id, None)

    async def _ask(self, user_id: str) -> tuple[str, ...]:
        keys = await self._homeserver.post(f"{CLIENT}/keys/query", {"device_keys": {user_id: []}})
        device_ids = await self._trusted(user_id, keys)
        # What the Olm machine does not know of gets no keys: it is shown signed devices only.
        self._olm.handle_response(KeysQueryResponse.from_dict(only_devices(user_id, keys, device_ids)))
        return tuple(sorted(device.id for device in self._olm.device_store.active_user_devices(user_id)))

    async def _trusted(self, user_id: str, keys: JsonObject) -> tuple[str, ...]:
        claimed = claims(user_id, keys)
        if claimed is None:
            return ()
        pinned = await self._store.pinned(user_id, claimed.master_key, self._now())
        return claimed.device_ids if pinned == claimed.master_key else ()
