"""A person's own account: password, closing it, third-party ids (client-server API, "Account management")."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from myelin.actions.accounts import deactivate_account
from myelin.actions.passwords import Ending, set_password
from myelin.append.pool import Pool
from myelin.http.interactive_authentication import InteractiveAuthentication
from myelin.http.messages import EMPTY, Request, Response, ok
from myelin.http.routes import Access, Route
from myelin.matrix.errors import WeakPassword
from myelin.matrix.json import JsonObject
from myelin.stores.password_hashing import PasswordHashing

ACCOUNT = "/_matrix/client/v3/account"


class PasswordBody(msgspec.Struct, frozen=True):
    """The body of POST account/password."""

    new_password: str
    logout_devices: bool = True
    auth: JsonObject | None = None


class DeactivateBody(msgspec.Struct, frozen=True):
    """The body of POST account/deactivate."""

    erase: bool = False
    id_server: str | None = None
    auth: JsonObject | None = None


class AccountManagement:
    """Changes what belongs to the caller, or, without a token, to whoever gives the password."""

    def __init__(self, pool: Pool, interactive: InteractiveAuthentication, hashing: PasswordHashing) -> None:
        self._pool = pool
        self._interactive = interactive
        self._hashing = hashing
        self._password = msgspec.json.Decoder(PasswordBody)
        self._deactivate = msgspec.json.Decoder(DeactivateBody)

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        yield Route("POST", f"{ACCOUNT}/password", self.password, Access.OPTIONAL, limit="login")
        yield Route("POST", f"{ACCOUNT}/deactivate", self.deactivate, Access.OPTIONAL, limit="login")
        yield Route("GET", f"{ACCOUNT}/3pid", self.threepids)

    async def password(self, request: Request) -> Response:
        body = request.parse(self._password)
        if not body.new_password:
            raise WeakPassword("a password may not be empty")
        parameters: JsonObject = {"new_password": body.new_password, "logout_devices": body.logout_devices}
        user_id = await self._interactive.require(request, "changePassword", parameters, body.auth)
        password_hash = await self._hashing.hash(body.new_password)
        device_id = request.caller.device_id if request.caller is not None else None
        ending = Ending(kept=device_id) if body.logout_devices else None
        await self._pool.submit(set_password(user_id, password_hash, ending, device_id))
        return EMPTY

    async def deactivate(self, request: Request) -> Response:
        body = request.parse(self._deactivate)
        user_id = await self._interactive.require(request, "deactivateAccount", {"erase": body.erase}, body.auth)
        await self._pool.submit(deactivate_account(user_id, body.erase))
        # There are no third-party ids here, so nothing is left to unbind.
        return ok({"id_server_unbind_result": "success"})

    async def threepids(self, request: Request) -> Response:
        return ok({"threepids": []})
