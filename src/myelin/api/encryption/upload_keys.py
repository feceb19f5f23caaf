"""POST /_matrix/client/v3/keys/upload (client-server API, "Uploading keys")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from myelin.actions.device_keys import KeyUpload, upload_keys
from myelin.actions.sender import Sender
from myelin.api.callers import sender_of
from myelin.append.loading import Loading
from myelin.append.pool import Pool
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix import canonical_json
from myelin.matrix.errors import Forbidden, InvalidParam, UnknownToken
from myelin.matrix.json import JsonObject
from myelin.projections.published_keys import PersonKeys, PublishedKeys
from myelin.rules.published_keys import check_device_keys, check_replacement, public_keys, unsigned
from myelin.state.user import Device
from myelin.stores.one_time_keys import OneTimeKey, OneTimeKeys

NO_KEYS = -1
ID_LIMIT = 255

GivenKeys = dict[str, str | JsonObject]


class UploadBody(msgspec.Struct, frozen=True):
    """The body, as the specification names it."""

    device_keys: JsonObject | None = None
    one_time_keys: GivenKeys | None = None
    fallback_keys: GivenKeys | None = None


class UploadKeys:
    """Publishes a device's keys. What is there already is accepted and not recorded again."""

    def __init__(self, pool: Pool, loading: Loading, published: PublishedKeys, keys: OneTimeKeys) -> None:
        self._pool = pool
        self._loading = loading
        self._published = published
        self._keys = keys
        self._decoder = msgspec.json.Decoder(UploadBody)

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("POST", "/_matrix/client/v3/keys/upload", self.post)

    async def post(self, request: Request) -> Response:
        sender, body = sender_of(request), request.parse(self._decoder)
        one_time, fallback = parse_keys(body.one_time_keys or {}), parse_fallback(body.fallback_keys or {})
        recorded = False
        while not recorded:
            device = await self._device(sender)
            upload = KeyUpload(
                keys_position=device.keys_position,
                device_keys=await self._new_device_keys(sender, device, body.device_keys),
                one_time_keys=await self._new_one_time_keys(device, one_time),
                fallback_keys=await self._new_fallback_keys(device, fallback),
            )
            recorded = upload.is_empty or await self._pool.submit(upload_keys(sender, upload))
        return ok({"one_time_key_counts": (await self._keys.counts(device.number)).one_time})

    async def _device(self, sender: Sender) -> Device:
        user = await self._loading.user(sender.user_id)
        device = user.devices.get(sender.device_id) if user is not None else None
        if device is None:
            raise UnknownToken("this session has ended; sign in again")
        return device

    async def _new_device_keys(self, sender: Sender, device: Device, given: JsonObject | None) -> bytes | None:
        """Return the identity keys that are to be recorded, None where they are already."""
        if given is None:
            return None
        check_device_keys(given, sender.user_id, sender.device_id)
        own = (await self._published.of([sender.user_id], sender.user_id))[sender.user_id]
        check_name(sender.device_id, own)
        stored = own.devices.get(sender.device_id)
        if stored is not None and device.keys_position != NO_KEYS:
            check_replacement(given, stored.value)
            if unsigned(given) == unsigned(stored.value):
                return None
        return canonical_json.encode({name: item for name, item in given.items() if name != "unsigned"})

    async def _new_one_time_keys(self, device: Device, given: list[OneTimeKey]) -> list[OneTimeKey]:
        known = await self._keys.known(device.number, given) if given else {}
        return [key for key in given if is_new(key, known)]

    async def _new_fallback_keys(self, device: Device, given: list[OneTimeKey]) -> list[OneTimeKey]:
        known = await self._keys.fallback(device.number) if given else []
        return [key for key in given if key not in known]


def parse_keys(given: GivenKeys) -> list[OneTimeKey]:
    """Return keys by their names, which are `algorithm:key_id`."""
    return [parse_key(name, value) for name, value in given.items()]


def parse_fallback(given: GivenKeys) -> list[OneTimeKey]:
    """Return fallback keys, one for each algorithm."""
    fallback = parse_keys(given)
    if len({key.algorithm for key in fallback}) < len(fallback):
        raise InvalidParam("a device has at most one fallback key for each algorithm")
    return fallback


def parse_key(name: str, value: str | JsonObject) -> OneTimeKey:
    algorithm, _, key_id = name.partition(":")
    if not algorithm or not key_id or len(name) > ID_LIMIT:
        raise InvalidParam("the name of a one-time key is its algorithm, a colon and an id")
    if isinstance(value, dict) and not (isinstance(value.get("key"), str) and is_signed(value)):
        raise InvalidParam("a one-time key is a text, or an object with key and signatures")
    return OneTimeKey(algorithm, key_id, canonical_json.encode(value).decode())


def is_signed(value: JsonObject) -> bool:
    signatures = value.get("signatures")
    return isinstance(signatures, dict) and all(isinstance(by_key, dict) for by_key in signatures.values())


def is_new(key: OneTimeKey, known: Mapping[tuple[str, str], str]) -> bool:
    """Whether a key is not there yet; `InvalidParam` where another one has its name."""
    stored = known.get((key.algorithm, key.key_id))
    if stored is not None and stored != key.key:
        raise InvalidParam("another one-time key has this name already")
    return stored is None


def check_name(device_id: str, own: PersonKeys) -> None:
    # Servers must ensure that device IDs will not collide with cross-signing public keys.
    if any(device_id in public_keys(value).values() for value in own.cross_signing.values()):
        raise Forbidden("this device is called like one of your cross-signing keys; sign in as another device")
