"""The gateway's account: signed in at one device for good, whose keys its own identity has signed.

A folder keeps what the device is: its token, its seeds, and (by nio) its Olm account. Whoever has the folder is the
gateway; no two programs may use it at a time.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import msgspec
from nio.crypto import Olm
from nio.responses import KeysUploadResponse
from nio.store import SqliteStore

from myelin.bots.identity import Identity, inside, seeds_in, signed_devices
from myelin.matrix.identifiers import localpart_of
from myelin.matrix.json import JsonObject
from myelin_gateway.matrix.homeserver import CLIENT, Homeserver, Refused

# Read when it is needed, so that it can be exchanged while the gateway runs.
Password = Callable[[], str]


class Session(msgspec.Struct, frozen=True):
    """What stays of a sign-in."""

    access_token: str


class FolderInUse(Exception):
    """Another program uses the folder of the gateway's keys."""


class Account:
    """One account at its one device."""

    def __init__(self, homeserver: Homeserver, user_id: str, folder: Path, password: Password) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.user_id, self.device_id = user_id, f"GATEWAY-{localpart_of(user_id).strip('_').upper()}"
        self._homeserver, self._folder, self._password = homeserver, folder, password
        self._lock = locked(folder / "lock")
        self._identity = Identity(user_id, seeds_in(folder / "seeds.json"))
        self.olm = Olm(user_id, self.device_id, SqliteStore(user_id, self.device_id, str(folder)))

    async def arrive(self) -> None:
        """Be signed in, with keys that are published and signed; whatever was done before is not done again."""
        session = self._folder / "session.json"
        if session.exists():
            self._homeserver.token = msgspec.json.decode(session.read_bytes(), type=Session).access_token
            if await self._is_signed_in():
                return await self._publish()
        self._homeserver.token = ""
        await self._sign_in(session)
        await self._publish()
        return None

    async def keep_keys(self, counts: JsonObject) -> None:
        """Upload one-time keys where the homeserver has too few, as a sync has told."""
        count = counts.get("signed_curve25519", 0)
        self.olm.uploaded_key_count = count if isinstance(count, int) else 0
        if self.olm.should_upload_keys:
            await self._upload_keys()

    def close(self) -> None:
        """Let another program have the folder."""
        self.olm.store.database.close()
        self._lock.close()

    async def _is_signed_in(self) -> bool:
        try:
            found = await self._homeserver.get(f"{CLIENT}/account/whoami")
        except Refused:
            return False
        return (found.get("user_id"), found.get("device_id")) == (self.user_id, self.device_id)

    async def _sign_in(self, session: Path) -> None:
        # Always the same device: transaction ids are known within it, so a card that was sent before is not sent anew.
        answer = await self._homeserver.post(
            f"{CLIENT}/login",
            {
                "type": "m.login.password",
                "identifier": {"type": "m.id.user", "user": self.user_id},
                "password": self._password(),
                "device_id": self.device_id,
                "initial_device_display_name": "Gateway",
            },
        )
        self._homeserver.token = str(answer["access_token"])
        write_secret(session, msgspec.json.encode(Session(self._homeserver.token)))

    async def _publish(self) -> None:
        keys = await self._published()
        if not inside(keys, "device_keys", self.user_id, self.device_id):
            # New, or signed out by an administrator, who took the keys away with the session.
            self.olm.account.shared = False
            await self._upload_keys()
            keys = await self._published()
        if not self._identity.is_published(inside(keys, "master_keys", self.user_id)):
            await self._upload_identity()
        elif self.device_id in signed_devices(self.user_id, keys):
            return
        device = self._identity.sign_device(inside(keys, "device_keys", self.user_id, self.device_id))
        await self._homeserver.post(f"{CLIENT}/keys/signatures/upload", {self.user_id: {self.device_id: device}})

    async def _published(self) -> JsonObject:
        return await self._homeserver.post(f"{CLIENT}/keys/query", {"device_keys": {self.user_id: []}})

    async def _upload_keys(self) -> None:
        keys = self.olm.share_keys()
        # Before others can use them: a crash in between would leave public keys whose private halves nobody has.
        self.olm.save_account()
        answer = await self._homeserver.post(f"{CLIENT}/keys/upload", keys)
        counts = {"curve25519": 0, "signed_curve25519": 0, **inside(answer, "one_time_key_counts")}
        self.olm.handle_response(KeysUploadResponse.from_dict({"one_time_key_counts": counts}))

    async def _upload_identity(self) -> None:
        path, body = f"{CLIENT}/keys/device_signing/upload", self._identity.published()
        try:
            await self._homeserver.post(path, {**body})
        except Refused as refused:
            if refused.status != 401:
                raise
            auth: JsonObject = {
                "type": "m.login.password",
                "identifier": {"type": "m.id.user", "user": self.user_id},
                "password": self._password(),
                "session": refused.answer.get("session"),
            }
            await self._homeserver.post(path, {**body, "auth": auth})


def locked(file: Path) -> TextIO:
    """Return a file that nobody else can lock until it is closed; raises FolderInUse."""
    opened = file.open("w")
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        opened.close()
        raise FolderInUse(f"Another gateway uses {file.parent}: stop it first.") from error
    return opened


def write_secret(file: Path, content: bytes) -> None:
    """Write a file that nobody else can read, whole or not at all."""
    unfinished = file.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    unfinished.rename(file)
