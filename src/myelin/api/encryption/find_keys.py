"""POST keys/query, POST keys/claim, GET keys/changes (client-server API, "Key management API")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import orjson

from myelin.actions.device_keys import keys_claimed
from myelin.api.callers import sender_of, viewer_of
from myelin.append.loading import Loading
from myelin.append.memory import Memory
from myelin.append.pool import Pool
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import MissingParam, UnknownToken
from myelin.matrix.json import JsonObject
from myelin.projections.published_keys import DeviceKeys, PersonKeys, PublishedKeys
from myelin.stores.one_time_keys import ClaimedKey, OneTimeKeys, WantedKey
from myelin.sync.device_lists import DeviceLists
from myelin.sync.token import parse_token

# Usages that everybody may see, and the name under which the answer has them.
PUBLIC_USAGES = (("master", "master_keys"), ("self_signing", "self_signing_keys"))


class QueryBody(msgspec.Struct, frozen=True):
    """The body of a query; the time-out is for other servers, of which there are none yet."""

    device_keys: dict[str, list[str]]


class ClaimBody(msgspec.Struct, frozen=True):
    """The body of a claim."""

    one_time_keys: dict[str, dict[str, str]]


class FindKeys:
    """Finds other people's keys, and says whose have changed."""

    def __init__(
        self,
        pool: Pool,
        memory: Memory,
        loading: Loading,
        published: PublishedKeys,
        keys: OneTimeKeys,
        device_lists: DeviceLists,
    ) -> None:
        self._pool = pool
        self._memory = memory
        self._loading = loading
        self._published = published
        self._keys = keys
        self._device_lists = device_lists
        self._query = msgspec.json.Decoder(QueryBody)
        self._claim = msgspec.json.Decoder(ClaimBody)

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        yield Route("POST", "/_matrix/client/v3/keys/query", self.query)
        yield Route("POST", "/_matrix/client/v3/keys/claim", self.claim)
        yield Route("GET", "/_matrix/client/v3/keys/changes", self.changes)

    async def query(self, request: Request) -> Response:
        wanted, viewer = request.parse(self._query).device_keys, viewer_of(request).user_id
        found = await self._published.of(wanted, viewer)
        # Whoever is left out of an answer is asked for again, at once and for ever: no devices is an answer too.
        devices: JsonObject = {name: devices_of(found[name], wanted[name]) if name in found else {} for name in wanted}  # type: ignore[misc]
        fields: JsonObject = {"device_keys": devices, "failures": {}}
        for usage, name in PUBLIC_USAGES:
            fields[name] = keys_of_usage(found, usage)
        # Nobody else learns whom a person has verified.
        own = {viewer: found[viewer]} if viewer in found else {}
        return ok({**fields, "user_signing_keys": keys_of_usage(own, "user_signing")})

    async def claim(self, request: Request) -> Response:
        body = request.parse(self._claim).one_time_keys
        wanted = [
            WantedKey(user_id, device_id, algorithm)
            for user_id, by_device in body.items()
            for device_id, algorithm in by_device.items()
        ]
        claimed = await self._keys.claim(wanted) if wanted else []
        if changed := [key for key in claimed if key.changed]:
            await self._pool.submit(keys_claimed(sender_of(request), changed))
        return ok({"one_time_keys": given_keys(claimed), "failures": {}})

    async def changes(self, request: Request) -> Response:
        query, user = request.query, await self._loading.user(request.signed_in.user_id)
        if "from" not in query or "to" not in query:
            raise MissingParam("from and to must be tokens of two syncs")
        if user is None:
            raise UnknownToken("this account is gone")
        since, upto = parse_token(query["from"]).position, parse_token(query["to"]).position
        lists = await self._device_lists.between(user, since, min(upto, self._memory.head))
        return ok({"changed": lists.changed, "left": lists.left})


def devices_of(keys: PersonKeys, wanted: Sequence[str]) -> dict[str, JsonObject]:
    """Return the keys of the devices that are wanted; of all where none is named."""
    return {name: named(device) for name, device in keys.devices.items() if not wanted or name in wanted}


def named(device: DeviceKeys) -> JsonObject:
    """Return a device's keys with its display name beside them, which no signature covers."""
    shown: JsonObject = {"device_display_name": device.display_name} if device.display_name is not None else {}
    return {**device.value, "unsigned": shown}


def keys_of_usage(found: Mapping[str, PersonKeys], usage: str) -> JsonObject:
    return {name: keys.cross_signing[usage] for name, keys in found.items() if usage in keys.cross_signing}


def given_keys(claimed: Sequence[ClaimedKey]) -> dict[str, dict[str, dict[str, object]]]:
    """Return claimed keys by person, device and name."""
    found: dict[str, dict[str, dict[str, object]]] = {}
    for item in claimed:
        by_device = found.setdefault(item.wanted.user_id, {})
        by_device[item.wanted.device_id] = {f"{item.key.algorithm}:{item.key.key_id}": orjson.Fragment(item.key.key)}
    return found
