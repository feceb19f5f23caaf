"""Dehydrated devices (MSC3814): what stands in for a person who is signed in nowhere."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import orjson

from myelin.actions.dehydrated_devices import NewDehydratedDevice, dehydrate, dehydrated_of, delete_dehydrated
from myelin.actions.device_keys import KeyUpload
from myelin.api.callers import sender_of
from myelin.api.encryption.upload_keys import ID_LIMIT, NO_KEYS, GivenKeys, check_name, parse_fallback, parse_keys
from myelin.api.session.issuing import DISPLAY_NAME_LIMIT
from myelin.append.loading import Loading
from myelin.append.pool import Pool
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix import canonical_json
from myelin.matrix.errors import Forbidden, InvalidParam, NotFound
from myelin.matrix.json import JsonObject
from myelin.projections.published_keys import PublishedKeys
from myelin.rules.published_keys import check_device_keys
from myelin.state.user import Device
from myelin.stores.dehydrated_devices import DehydratedDevices as Store
from myelin.stores.to_device import ToDeviceMessages, WaitingMessage
from myelin.sync.to_device import to_device_event

DEVICE = "/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device"
EVENTS = f"{DEVICE}/{{deviceId}}/events"
EVENTS_LIMIT = 100
LATEST = 2**63 - 1


class UploadBody(msgspec.Struct, frozen=True):
    """The body of PUT."""

    device_id: str
    device_data: JsonObject
    device_keys: JsonObject
    initial_device_display_name: str | None = None
    one_time_keys: GivenKeys | None = None
    fallback_keys: GivenKeys | None = None


class EventsBody(msgspec.Struct, frozen=True):
    """The body of POST; without `next_batch` it begins with the first message."""

    next_batch: str | None = None


class DehydratedDevices:
    """Keeps one dehydrated device for each person, and gives out what was sent to it."""

    def __init__(
        self, pool: Pool, loading: Loading, published: PublishedKeys, store: Store, messages: ToDeviceMessages
    ) -> None:
        self._pool = pool
        self._loading = loading
        self._published = published
        self._store = store
        self._messages = messages
        self._upload = msgspec.json.Decoder(UploadBody)
        self._events = msgspec.json.Decoder(EventsBody)

    def routes(self) -> Iterator[Route]:
        """Yield the routes. The events are asked for by GET since late 2025, by POST before."""
        yield Route("GET", DEVICE, self.get)
        yield Route("PUT", DEVICE, self.put)
        yield Route("DELETE", DEVICE, self.delete)
        yield Route("GET", EVENTS, self.get_events)
        yield Route("POST", EVENTS, self.post_events)

    async def get(self, request: Request) -> Response:
        device_id, device = await self._own(request)
        stored = await self._store.device_data(device.number) if device is not None else None
        if device_id is None or stored is None:
            raise NotFound("you have no dehydrated device")
        return ok({"device_id": device_id, "device_data": orjson.Fragment(stored)})

    async def put(self, request: Request) -> Response:
        body = request.parse(self._upload)
        new = await self._checked(request.signed_in.user_id, body)
        # A client that lost the answer asks again: what has come since then must not go with the device.
        if not await self._is_there(request, new):
            await self._pool.submit(dehydrate(sender_of(request), new))
        return ok({"device_id": body.device_id})

    async def delete(self, request: Request) -> Response:
        return ok({"device_id": await self._pool.submit(delete_dehydrated(sender_of(request)))})

    async def get_events(self, request: Request) -> Response:
        found, more = await self._waiting(request, request.query.get("from"))
        # A next_batch if and only if there are more messages to be retrieved.
        token: JsonObject = {"next_batch": token_after(found, -1)} if more else {}
        return ok({"events": list(map(to_device_event, found)), **token})

    async def post_events(self, request: Request) -> Response:
        since = request.parse(self._events).next_batch
        found, _ = await self._waiting(request, since)
        # By POST the end is an empty batch: whoever finds no token would begin again.
        return ok({"events": list(map(to_device_event, found)), "next_batch": token_after(found, position_of(since))})

    async def _waiting(self, request: Request, since: str | None) -> tuple[list[WaitingMessage], bool]:
        """Return the next messages, and whether more follow. They stay until the device goes."""
        device_id, device = await self._own(request)
        if device is None or device_id != request.path[0]:
            raise Forbidden("this is not your dehydrated device")
        found = await self._messages.waiting(device.number, position_of(since), LATEST, EVENTS_LIMIT + 1)
        return found[:EVENTS_LIMIT], len(found) > EVENTS_LIMIT

    async def _own(self, request: Request) -> tuple[str | None, Device | None]:
        user = await self._loading.user(request.signed_in.user_id)
        device_id = dehydrated_of(user) if user is not None else None
        return device_id, user.devices[device_id] if user is not None and device_id is not None else None

    async def _is_there(self, request: Request, new: NewDehydratedDevice) -> bool:
        device_id, device = await self._own(request)
        same_id = device is not None and device_id == new.device_id
        return same_id and device is not None and await self._store.device_data(device.number) == new.device_data

    async def _checked(self, user_id: str, body: UploadBody) -> NewDehydratedDevice:
        check_shape(body)
        check_device_keys(body.device_keys, user_id, body.device_id)
        check_name(body.device_id, (await self._published.of([user_id], user_id))[user_id])
        one_time, fallback = parse_keys(body.one_time_keys or {}), parse_fallback(body.fallback_keys or {})
        device_keys = {name: item for name, item in body.device_keys.items() if name != "unsigned"}
        return NewDehydratedDevice(
            device_id=body.device_id,
            display_name=body.initial_device_display_name,
            device_data=canonical_json.encode(body.device_data).decode(),
            device_keys=canonical_json.encode(device_keys),
            keys=KeyUpload(keys_position=NO_KEYS, one_time_keys=one_time, fallback_keys=fallback),
        )


def check_shape(body: UploadBody) -> None:
    if not body.device_id or len(body.device_id) > ID_LIMIT:
        raise InvalidParam(f"the id of a device has 1 to {ID_LIMIT} characters")
    if not isinstance(body.device_data.get("algorithm"), str):
        raise InvalidParam("device_data must name its algorithm")
    if len(body.initial_device_display_name or "") > DISPLAY_NAME_LIMIT:
        raise InvalidParam(f"a device's name may have {DISPLAY_NAME_LIMIT} characters at most")


def token_after(found: list[WaitingMessage], before: int) -> str:
    return f"d{found[-1].position if found else before}"


def position_of(token: str | None) -> int:
    """Return how far messages were fetched by this token; -1 without one."""
    if token is None or token == "d-1":
        return -1
    digits = token.removeprefix("d")
    if not (token.startswith("d") and digits.isascii() and digits.isdecimal() and len(digits) <= len(str(LATEST)) - 1):
        raise InvalidParam("this is no token of an earlier answer")
    return int(digits)
