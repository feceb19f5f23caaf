"""Events encrypted for one person's signed devices (client-server API, "End-to-End Encryption")."""

from __future__ import annotations

from asyncio import Lock
from collections import defaultdict
from collections.abc import Callable

from nio.crypto import Olm
from nio.responses import KeysClaimResponse

from myelin.matrix.json import JsonObject
from myelin_gateway.matrix.homeserver import CLIENT, Homeserver, MatrixFailure, segment


class Encryption:
    """Megolm sessions, each for the devices that it was begun with: other devices, another session."""

    def __init__(self, homeserver: Homeserver, olm: Olm, new_id: Callable[[], str]) -> None:
        self._homeserver, self._olm, self._new_id = homeserver, olm, new_id
        self._turns: defaultdict[str, Lock] = defaultdict(Lock)
        self._readers: dict[str, tuple[str, ...]] = {}

    async def encrypted(
        self, room_id: str, user_id: str, device_ids: tuple[str, ...], event_type: str, content: JsonObject
    ) -> JsonObject:
        """Return the content of an `m.room.encrypted`; the keys to it have been sent before."""
        async with self._turns[room_id]:
            if self._olm.should_share_group_session(room_id) or self._readers.get(room_id) != device_ids:
                self._readers[room_id] = await self._share(room_id, user_id)
            payload = self._olm.group_encrypt(room_id, {"type": event_type, "content": content})
        return dict(payload)

    async def _share(self, room_id: str, user_id: str) -> tuple[str, ...]:
        """Begin a session, and return which devices have its key; raises MatrixFailure where none could get it."""
        await self._claim(user_id)
        self._olm.create_outbound_group_session(room_id)
        # A device that had no one-time key is left out of this session; so the next card begins another one.
        shared, messages = self._olm.share_group_session(
            room_id, [user_id], ignore_missing_sessions=True, ignore_unverified_devices=True
        )
        if not shared:
            raise MatrixFailure("no_one_time_keys")
        path = f"{CLIENT}/sendToDevice/m.room.encrypted/{segment(self._new_id())}"
        await self._homeserver.put(path, messages)
        session = self._olm.outbound_group_sessions[room_id]
        session.users_shared_with.update(shared)
        session.mark_as_shared()
        return tuple(sorted(device_id for _user_id, device_id in shared))

    async def _claim(self, user_id: str) -> None:
        missing = self._olm.get_missing_sessions([user_id]).get(user_id, [])
        if missing:
            wanted: JsonObject = {user_id: dict.fromkeys(missing, "signed_curve25519")}
            answer = await self._homeserver.post(f"{CLIENT}/keys/claim", {"one_time_keys": wanted})
            self._olm.handle_response(KeysClaimResponse.from_dict({"failures": {}, **answer}))
