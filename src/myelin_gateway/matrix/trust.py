"""Which devices are a person's: those that their own identity has signed (client-server API, "Cross-signing")."""

from __future__ import annotations

import msgspec

from myelin.bots.identity import inside, signed_devices
from myelin.matrix.json import JsonObject
from myelin.matrix.signing import verify_json


class Claims(msgspec.Struct, frozen=True):
    """What an answer to keys/query proves of a person: a master key, and the devices that follow from it."""

    master_key: str
    device_ids: tuple[str, ...]


def claims(user_id: str, keys: JsonObject) -> Claims | None:
    """Return what is proven of a person; None where they have no identity yet, or one that does not hold together."""
    masters = inside(keys, "master_keys", user_id, "keys")
    if len(masters) != 1:
        return None
    ((key_id, master_key),) = masters.items()
    signing = inside(keys, "self_signing_keys", user_id)
    if not isinstance(master_key, str) or key_id != f"ed25519:{master_key}":
        return None
    # Without this line a homeserver could put a self-signing key of its own beside somebody's master key.
    if not verify_json(signing, user_id, {key_id: master_key}):
        return None
    return Claims(master_key, tuple(sorted(signed_devices(user_id, keys))))


def only_devices(user_id: str, keys: JsonObject, device_ids: tuple[str, ...]) -> JsonObject:
    """Return an answer to keys/query with these devices of one person and no others."""
    devices = inside(keys, "device_keys", user_id)
    return {"device_keys": {user_id: {name: devices[name] for name in device_ids}}, "failures": {}}
