"""The keys that devices and people have published, with the signatures on them that a viewer may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import asyncpg
import msgspec

from myelin.matrix.json import JsonObject
from myelin.rules.published_keys import public_keys, with_signatures
from myelin.schema.queries import load_queries

# What one entry of signatures holds: for each person and key, signatures by their key identifiers.
SignatureBody = dict[str, dict[str, dict[str, str]]]


class DeviceKeys(msgspec.Struct, frozen=True):
    """The identity keys of a device as uploaded at `position`; `value` with the signatures added since."""

    position: int
    value: JsonObject
    display_name: str | None


class PersonKeys(msgspec.Struct, frozen=True):
    """What one person has published: keys by device, and cross-signing keys by usage."""

    devices: dict[str, DeviceKeys]
    cross_signing: dict[str, JsonObject]


class AddedSignatures(msgspec.Struct, frozen=True):
    """Signatures of one signer on the keys (device id or public key) of one person."""

    signer: str
    position: int
    by_key: Mapping[str, Mapping[str, str]]


class PublishedKeys:
    """Reads published keys."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.projections", "published_keys.sql")
        self._name = msgspec.json.Decoder(str | None)
        self._signatures = msgspec.json.Decoder(SignatureBody)

    async def of(self, user_ids: Iterable[str], viewer: str) -> dict[str, PersonKeys]:
        """Return the keys of these people as one viewer may see them; people without any have empty ones."""
        names = list(dict.fromkeys(user_ids))
        found = {name: PersonKeys({}, {}) for name in names}
        for row in await self._pool.fetch(self._queries["device_keys"], names):
            keys = DeviceKeys(row["position"], msgspec.json.decode(row["body"]), self._display_name(row))
            found[row["user_id"]].devices[row["device_id"]] = keys
        for row in await self._pool.fetch(self._queries["cross_signing_keys"], names):
            value = msgspec.json.decode(row["body"]).get(row["usage"])
            if value is not None:
                found[row["user_id"]].cross_signing[row["usage"]] = value
        return await self._signed(found, viewer)

    async def _signed(self, found: dict[str, PersonKeys], viewer: str) -> dict[str, PersonKeys]:
        # To avoid leaking of social graphs, users see no signatures made by other users' user-signing keys.
        added: dict[str, list[AddedSignatures]] = {}
        for row in await self._pool.fetch(self._queries["key_signatures"], list(found), viewer):
            by_key = self._signatures.decode(row["body"]).get(row["user_id"], {})
            added.setdefault(row["user_id"], []).append(AddedSignatures(row["signer"], row["position"], by_key))
        return {name: person_signed(keys, added.get(name, ())) for name, keys in found.items()}

    def _display_name(self, row: asyncpg.Record) -> str | None:
        return self._name.decode(row["display_name"]) if row["display_name"] is not None else None


def person_signed(keys: PersonKeys, added: Sequence[AddedSignatures]) -> PersonKeys:
    """Return a person's keys with the signatures added to them."""
    devices = {name: device_signed(name, device, added) for name, device in keys.devices.items()}
    cross_signing = {usage: key_signed(value, added) for usage, value in keys.cross_signing.items()}
    return PersonKeys(devices, cross_signing)


def device_signed(device_id: str, keys: DeviceKeys, added: Sequence[AddedSignatures]) -> DeviceKeys:
    # A signature from before this upload covers other keys of the same name.
    since = [item for item in added if item.position > keys.position]
    value = with_signatures(keys.value, collected(since, device_id))
    return DeviceKeys(keys.position, value, keys.display_name)


def key_signed(value: JsonObject, added: Sequence[AddedSignatures]) -> JsonObject:
    """Return a cross-signing key with the signatures added to it; it is named by itself, so they still hold."""
    for public in public_keys(value).values():
        value = with_signatures(value, collected(added, public))
    return value


def collected(added: Iterable[AddedSignatures], key_name: str) -> dict[str, dict[str, str]]:
    """Return the signatures on one key by signer."""
    found: dict[str, dict[str, str]] = {}
    for item in added:
        if key_name in item.by_key:
            found.setdefault(item.signer, {}).update(item.by_key[key_name])
    return found
