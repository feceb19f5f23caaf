"""A person's own devices (client-server API, "Device Management")."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from myelin.actions.devices import rename_device
from myelin.actions.sessions import sign_out
from myelin.api.callers import sender_of
from myelin.api.session.issuing import DISPLAY_NAME_LIMIT
from myelin.append.pool import Pool
from myelin.http.interactive_authentication import InteractiveAuthentication
from myelin.http.messages import EMPTY, Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import InvalidParam, NotFound
from myelin.matrix.json import JsonObject
from myelin.projections.accounts import Accounts
from myelin.stores.last_seen import LastSeen

DEVICES = "/_matrix/client/v3/devices"


class RenameBody(msgspec.Struct, frozen=True):
    """The body of PUT; without a name the device keeps the one it has."""

    display_name: str | None = None


class DeleteBody(msgspec.Struct, frozen=True):
    """The body of DELETE."""

    auth: JsonObject | None = None


class DeleteDevicesBody(msgspec.Struct, frozen=True):
    """The body of delete_devices."""

    devices: tuple[str, ...]
    auth: JsonObject | None = None


class Devices:
    """Lists, names and ends devices."""

    def __init__(
        self, pool: Pool, accounts: Accounts, last_seen: LastSeen, interactive: InteractiveAuthentication
    ) -> None:
        self._pool = pool
        self._accounts = accounts
        self._last_seen = last_seen
        self._interactive = interactive
        self._rename = msgspec.json.Decoder(RenameBody)
        self._delete = msgspec.json.Decoder(DeleteBody)
        self._delete_devices = msgspec.json.Decoder(DeleteDevicesBody)

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        yield Route("GET", DEVICES, self.list)
        yield Route("GET", f"{DEVICES}/{{deviceId}}", self.get)
        yield Route("PUT", f"{DEVICES}/{{deviceId}}", self.put)
        yield Route("DELETE", f"{DEVICES}/{{deviceId}}", self.delete, limit="login")
        yield Route("POST", "/_matrix/client/v3/delete_devices", self.delete_many, limit="login")

    async def list(self, request: Request) -> Response:
        return ok({"devices": list((await self._devices(request)).values())})

    async def get(self, request: Request) -> Response:
        device = (await self._devices(request)).get(request.path[0])
        if device is None:
            raise NotFound("you have no such device")
        return ok(device)

    async def put(self, request: Request) -> Response:
        display_name = request.parse(self._rename).display_name
        if display_name is None:
            await self.get(request)
            return EMPTY
        if len(display_name) > DISPLAY_NAME_LIMIT:
            raise InvalidParam(f"a device's name may have {DISPLAY_NAME_LIMIT} characters at most")
        await self._pool.submit(rename_device(sender_of(request), request.path[0], display_name))
        return EMPTY

    async def delete(self, request: Request) -> Response:
        auth = request.parse(self._delete).auth
        return await self._end(request, "deleteDevice", request.path, auth)

    async def delete_many(self, request: Request) -> Response:
        body = request.parse(self._delete_devices)
        return await self._end(request, "deleteDevices", body.devices, body.auth)

    async def _end(
        self, request: Request, operation: str, device_ids: tuple[str, ...], auth: JsonObject | None
    ) -> Response:
        await self._interactive.require(request, operation, {"devices": [*sorted(device_ids)]}, auth)
        await self._pool.submit(sign_out(request.signed_in.user_id, device_ids, "deleted"))
        return EMPTY

    async def _devices(self, request: Request) -> dict[str, JsonObject]:
        user_id = request.signed_in.user_id
        seen = await self._last_seen.devices_of(user_id)
        found: dict[str, JsonObject] = {}
        for device in await self._accounts.devices(user_id):
            fields: JsonObject = {"device_id": device.device_id}
            if device.display_name is not None:
                fields["display_name"] = device.display_name
            if device.device_id in seen:
                sighting = seen[device.device_id]
                fields |= {"last_seen_ip": sighting.address, "last_seen_ts": sighting.at}
            found[device.device_id] = fields
        return found
