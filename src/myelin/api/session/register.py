"""POST /_matrix/client/v3/register (client-server API, "Account registration"): closed by default."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

import msgspec

from myelin.actions.accounts import NewSession, create_account
from myelin.append.pool import Pool
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Access, Route
from myelin.matrix.errors import Forbidden
from myelin.matrix.identifiers import encode_base64url, user_id
from myelin.matrix.json import JsonObject


class RegisterBody(msgspec.Struct, frozen=True):
    """The body, as the specification names it."""

    auth: JsonObject | None = None
    username: str | None = None
    password: str | None = None
    device_id: str | None = None
    initial_device_display_name: str | None = None
    inhibit_login: bool = False
    refresh_token: bool = False


class Register:
    """Registers accounts where the site allows it."""

    def __init__(
        self,
        pool: Pool,
        server_name: str,
        is_open: bool,
        random: Callable[[int], bytes],
        hash_password: Callable[[str], Awaitable[str]],
    ) -> None:
        self._pool = pool
        self._server_name = server_name
        self._is_open = is_open
        self._random = random
        self._hash_password = hash_password
        self._decoder = msgspec.json.Decoder(RegisterBody)

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("POST", "/_matrix/client/v3/register", self.post, Access.OPEN, limit="register")

    async def post(self, request: Request) -> Response:
        body = request.parse(self._decoder)
        if not self._is_open:
            raise Forbidden("this hospital creates the accounts itself; ask its IT")
        if body.auth is None or body.auth.get("type") != "m.login.dummy":
            session = encode_base64url(self._random(12))
            return Response(401, ok({"session": session, "flows": [{"stages": ["m.login.dummy"]}], "params": {}}).body)
        name = user_id(body.username or encode_base64url(self._random(9)).lower(), self._server_name)
        password_hash = await self._hash_password(body.password) if body.password is not None else None
        session_ = NewSession(
            body.device_id or encode_base64url(self._random(8)), body.initial_device_display_name, self._new_token()
        )
        await self._pool.submit(create_account(name, password_hash, None if body.inhibit_login else session_))
        if body.inhibit_login:
            return ok({"user_id": name})
        return ok({"user_id": name, "access_token": session_.access_token, "device_id": session_.device_id})

    def _new_token(self) -> str:
        return f"myt_{encode_base64url(self._random(32))}"
