"""POST /_matrix/client/v3/register and GET .../available ("Account registration"): closed by default."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from myelin.actions.accounts import create_account
from myelin.api.session.issuing import Issuer
from myelin.append.loading import Loading
from myelin.append.pool import Pool
from myelin.http.interactive_authentication import InteractiveAuthentication
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Access, Route
from myelin.matrix.errors import Exclusive, Forbidden, InvalidParam, MissingParam, UserInUse, WeakPassword
from myelin.matrix.identifiers import user_id
from myelin.matrix.json import JsonObject
from myelin.matrix.reserved_names import is_reserved
from myelin.stores.password_hashing import PasswordHashing


class RegisterBody(msgspec.Struct, frozen=True):
    """The body, as the specification names it; `type` is how application services ask."""

    auth: JsonObject | None = None
    type: str | None = None
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
        loading: Loading,
        interactive: InteractiveAuthentication,
        hashing: PasswordHashing,
        issuer: Issuer,
        server_name: str,
        is_open: bool,
    ) -> None:
        self._pool = pool
        self._loading = loading
        self._interactive = interactive
        self._hashing = hashing
        self._issuer = issuer
        self._server_name = server_name
        self._is_open = is_open
        self._decoder = msgspec.json.Decoder(RegisterBody)

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        yield Route("POST", "/_matrix/client/v3/register", self.post, Access.OPEN, limit="register")
        yield Route("GET", "/_matrix/client/v3/register/available", self.available, Access.OPEN, limit="register")

    async def available(self, request: Request) -> Response:
        username = request.query.get("username")
        if username is None:
            raise MissingParam("username is missing")
        await self._check_free(user_id(username.lower(), self._server_name))
        return ok({"available": True})

    async def post(self, request: Request) -> Response:
        check_kind(request.query.get("kind", "user"))
        if not self._is_open:
            raise Forbidden("this hospital creates the accounts itself; ask its IT")
        body = request.parse(self._decoder)
        if body.type == "m.login.application_service":
            raise Forbidden("there are no application services here")
        session = self._issuer.session(body.device_id, body.initial_device_display_name, body.refresh_token)
        name = await self._name(body)
        self._interactive.require_dummy("register", body.auth)
        password_hash = await self._hashing.hash(checked_password(body.password))
        await self._pool.submit(create_account(name, password_hash, None if body.inhibit_login else session))
        if body.inhibit_login:
            return ok({"user_id": name})
        return ok({"user_id": name, "device_id": session.device_id, **self._issuer.answer(session.tokens)})

    async def _name(self, body: RegisterBody) -> str:
        """Return the id that is asked for, or one that nobody has."""
        localpart = body.username.lower() if body.username is not None else self._issuer.localpart()
        name = user_id(localpart, self._server_name)
        await self._check_free(name)
        return name

    async def _check_free(self, name: str) -> None:
        if is_reserved(name):
            raise Exclusive
        if await self._loading.user(name) is not None:
            raise UserInUse


def check_kind(kind: str) -> None:
    """Raise unless an account of a person is asked for."""
    if kind == "guest":
        raise Forbidden("guests are not admitted here")
    if kind != "user":
        raise InvalidParam("kind must be user or guest")


def checked_password(password: str | None) -> str:
    """Return a password that may be used."""
    if password is None:
        raise MissingParam("password is missing")
    if not password:
        raise WeakPassword("a password may not be empty")
    return password
