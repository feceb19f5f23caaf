"""Which keys a device and a person may publish (client-server API, "End-to-end encryption").

Everything here is a function of what is given and what is stored. Keys are objects that others have signed or will
sign, so they are kept as they came: an entry that this server does not understand stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec

from myelin.matrix import canonical_json
from myelin.matrix.errors import BadJson, Forbidden, InvalidParam, InvalidSignature, MissingParam
from myelin.matrix.json import JsonObject, JsonValue
from myelin.matrix.signing import verify, verify_json

USAGES = ("master", "self_signing", "user_signing")
UNSIGNED = frozenset({"signatures", "unsigned"})
CHECKED = "ed25519:"

Shape = TypeVar("Shape")
Signatures = dict[str, dict[str, str]]
CrossSigningKeys = Mapping[str, JsonObject]


class DeviceKeysShape(msgspec.Struct, frozen=True):
    """What device keys must have."""

    user_id: str
    device_id: str
    algorithms: list[str]
    keys: dict[str, str]
    signatures: Signatures


class CrossSigningShape(msgspec.Struct, frozen=True):
    """What a cross-signing key must have."""

    user_id: str
    usage: list[str]
    keys: dict[str, str]
    signatures: Signatures = {}


def check_device_keys(value: JsonObject, user_id: str, device_id: str) -> None:
    """Refuse device keys that are not those of this device, or not signed by it."""
    shape = shaped(value, DeviceKeysShape)
    # Must match the user ID and the device ID used when logging in.
    if (shape.user_id, shape.device_id) != (user_id, device_id):
        raise InvalidParam("a device may publish only its own keys")
    # Must include the public part of the device's Ed25519 key, and must be signed by that key.
    name = f"{CHECKED}{device_id}"
    if name not in shape.keys:
        raise InvalidParam("these device keys lack the device's Ed25519 key")
    if not verify_json(value, user_id, {name: shape.keys[name]}):
        raise InvalidSignature("these device keys are not signed by their device")


def check_replacement(value: JsonObject, stored: JsonObject) -> None:
    """Refuse other identity keys under the name of a device that has some: others would take it for an attack."""
    if value.get("keys") != stored.get("keys"):
        raise InvalidParam("this device has other identity keys already; sign in as a new device")


def check_cross_signing(
    given: CrossSigningKeys, stored: CrossSigningKeys, user_id: str, device_ids: Iterable[str]
) -> None:
    """Refuse cross-signing keys that are not this person's, or not signed by the master key."""
    taken = set(device_ids)
    for usage, value in given.items():
        check_cross_signing_shape(usage, value, user_id)
        # Servers must ensure that device IDs will not collide with cross-signing public keys.
        if not taken.isdisjoint(public_keys(value).values()):
            raise Forbidden("one of these keys is called like one of your devices")
    master = given.get("master") or stored.get("master")
    if master is None:
        raise MissingParam("there is no master key yet that could sign these keys")
    for usage in USAGES[1:]:
        if usage in given and not verify_json(given[usage], user_id, public_keys(master)):
            raise InvalidSignature(f"the {usage} key is not signed by the master key")


def check_cross_signing_shape(usage: str, value: JsonObject, user_id: str) -> None:
    shape = shaped(value, CrossSigningShape)
    if shape.user_id != user_id or usage not in shape.usage:
        raise InvalidParam(f"this is not your {usage} key")
    # The object must have exactly one property, named by the algorithm and the key.
    if len(shape.keys) != 1 or any(name != f"{CHECKED}{text}" for name, text in shape.keys.items()):
        raise InvalidParam("a cross-signing key is one Ed25519 key, named after itself")


def brings_new_keys(given: CrossSigningKeys, stored: CrossSigningKeys) -> bool:
    """Whether any of these keys is not the one that is stored."""
    return any(public_keys(value) != public_keys(stored.get(usage, {})) for usage, value in given.items())


def cross_signing_after(given: CrossSigningKeys, stored: CrossSigningKeys) -> dict[str, JsonObject]:
    """Return the keys by usage once these are uploaded; what an older master key has signed goes with it."""
    if "master" in given and public_keys(given["master"]) != public_keys(stored.get("master", {})):
        stored = {}
    after = dict(stored)
    for usage, value in given.items():
        before = stored.get(usage, {})
        same = public_keys(value) == public_keys(before)
        after[usage] = with_signatures(value, signatures_of(before)) if same else value
    return after


def accepted_signatures(
    signed: JsonObject, stored: JsonObject, signer: str, known_keys: Mapping[str, str]
) -> dict[str, str]:
    """Return what `signer` adds to the signatures of a stored key; `InvalidSignature` where that is nothing."""
    # The signed JSON object must match the key previously uploaded, with the exception of the signatures.
    if unsigned(signed) != unsigned(stored):
        raise InvalidSignature("this is not the key that is stored")
    message = canonical_json.encode(unsigned(stored))
    accepted: dict[str, str] = {}
    for key_id, signature in signatures_of(signed).get(signer, {}).items():
        if key_id in known_keys and not verify(message, signature, known_keys[key_id]):
            raise InvalidSignature
        # What this server cannot check (a certificate's signature) is for those who can: it is kept as it came.
        if key_id in known_keys or not key_id.startswith(CHECKED):
            accepted[key_id] = signature
    if not accepted:
        raise InvalidSignature("this key is not signed by one of your keys")
    return accepted


def with_signatures(value: JsonObject, more: Mapping[str, Mapping[str, str]]) -> JsonObject:
    """Return a key with signatures added; those that it has stay."""
    if not more:
        return value
    merged = {signer: dict(by_key) for signer, by_key in more.items()}
    for signer, by_key in signatures_of(value).items():
        merged.setdefault(signer, {}).update(by_key)
    return {**value, "signatures": merged}  # type: ignore[dict-item]


def signatures_of(value: JsonObject) -> Signatures:
    """Return the signatures on a key by signer and key; none where they are not what they should be."""
    try:
        return msgspec.convert(value.get("signatures", {}), Signatures)
    except msgspec.ValidationError:
        return {}


def public_keys(value: JsonObject) -> dict[str, str]:
    """Return the public keys of a key object by their identifiers."""
    keys = value.get("keys")
    return {name: text for name, text in keys.items() if isinstance(text, str)} if isinstance(keys, dict) else {}


def unsigned(value: JsonObject) -> JsonObject:
    """Return what signatures on an object cover."""
    return {name: item for name, item in value.items() if name not in UNSIGNED}


def shaped(value: JsonValue, shape: type[Shape]) -> Shape:
    """Return the value as that shape; `BadJson` with what is wrong."""
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise BadJson(str(error)) from None
