"""Logout, logout everywhere, whoami (client-server API, "Login", "Current account information")."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.actions.sessions import sign_out, sign_out_everywhere
from myelin.append.pool import Pool
from myelin.http.messages import EMPTY, Request, Response, ok
from myelin.http.routes import Route


class Logout:
    """Ends the caller's session, or all of theirs, and tells them who they are."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        yield Route("POST", "/_matrix/client/v3/logout", self.this_device)
        yield Route("POST", "/_matrix/client/v3/logout/all", self.everywhere)
        yield Route("GET", "/_matrix/client/v3/account/whoami", self.whoami)

    async def this_device(self, request: Request) -> Response:
        caller = request.signed_in
        await self._pool.submit(sign_out(caller.user_id, (caller.device_id,), "logout"))
        return EMPTY

    async def everywhere(self, request: Request) -> Response:
        await self._pool.submit(sign_out_everywhere(request.signed_in.user_id, "logout"))
        return EMPTY

    async def whoami(self, request: Request) -> Response:
        caller = request.signed_in
        return ok({"user_id": caller.user_id, "device_id": caller.device_id, "is_guest": False})
