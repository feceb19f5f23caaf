"""A bot's cross-signing identity, which matrix-nio does not make (client-server API, "Cross-signing").

Without it clients that give their keys to signed devices only would give a bot none. The seeds stay in one file
beside the bot's store; whoever has them is the bot.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from myelin.matrix.json import JsonObject
from myelin.matrix.signing import SigningKey, verify_json

USAGES = ("master", "self_signing", "user_signing")
SEED_BYTES = 32


class Seeds(msgspec.Struct, frozen=True):
    """The secrets that the three keys grow from."""

    master: bytes
    self_signing: bytes
    user_signing: bytes


def seeds_in(file: Path) -> Seeds:
    """Return the seeds that a file keeps; new ones, written there first, where there is none."""
    if not file.exists():
        new = Seeds(*(os.urandom(SEED_BYTES) for _ in USAGES))
        unfinished = file.with_suffix(".unfinished")
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(msgspec.json.encode(new))
        unfinished.rename(file)
    return msgspec.json.decode(file.read_bytes(), type=Seeds)


class Identity:
    """The three keys of one person, and what is published of them."""

    def __init__(self, user_id: str, seeds: Seeds) -> None:
        self._user_id = user_id
        self._keys = {usage: key_of(getattr(seeds, usage)) for usage in USAGES}

    def published(self) -> dict[str, JsonObject]:
        """Return the body of an upload: three public keys, two of them signed by the first."""
        keys = {f"{usage}_key": self._public(usage) for usage in USAGES}
        master = self._keys["master"]
        signed = {name: master.sign_json(key, self._user_id) for name, key in keys.items() if name != "master_key"}
        return keys | signed

    def sign_device(self, device: JsonObject) -> JsonObject:
        """Return a device's keys with the signature that makes it this person's."""
        return self._keys["self_signing"].sign_json(device, self._user_id)

    def is_published(self, found: JsonObject) -> bool:
        """Whether a published master key is this one."""
        return found.get("keys") == self._public("master")["keys"]

    def _public(self, usage: str) -> JsonObject:
        key = self._keys[usage]
        return {"user_id": self._user_id, "usage": [usage], "keys": {key.key_id: key.public_key}}


def key_of(seed: bytes) -> SigningKey:
    """Return the key of a seed; its identifier is its public half, as clients know it."""
    public_key = SigningKey.from_seed(seed, "").public_key
    return SigningKey.from_seed(seed, public_key)


def signed_devices(user_id: str, keys: JsonObject) -> list[str]:
    """Return the devices of a person, out of an answer to keys/query, that their self-signing key has signed."""
    signing = inside(keys, "self_signing_keys", user_id, "keys")
    public_keys = {name: key for name, key in signing.items() if isinstance(key, str)}
    devices = inside(keys, "device_keys", user_id)
    return [name for name in devices if verify_json(inside(devices, name), user_id, public_keys)]


def inside(value: JsonObject, *path: str) -> JsonObject:
    """Return the object at the end of a path; an empty one where there is none."""
    for name in path:
        found = value.get(name)
        value = found if isinstance(found, dict) else {}
    return value
