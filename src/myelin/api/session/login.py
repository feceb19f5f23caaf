"""GET and POST /_matrix/client/v3/login (client-server API, "Login"), and under r0 as older libraries call it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import structs

from myelin.actions.sessions import NewSession, RenewedPassword, sign_in
from myelin.api.session.issuing import Issuer
from myelin.api.session.login_tokens import LoginTokens
from myelin.append.pool import Pool
from myelin.http.messages import Request, Response, ok
from myelin.http.passwords import Identifier, PasswordSignIn, Verified
from myelin.http.routes import Access, Route
from myelin.matrix.errors import Forbidden, MissingParam, NotJson, UnknownLoginType
from myelin.projections.accounts import Accounts

PATHS = ("/_matrix/client/v3/login", "/_matrix/client/r0/login")
PASSWORD, TOKEN = "m.login.password", "m.login.token"


class LoginBody(msgspec.Struct, frozen=True):
    """The body, as the specification names it; `user` is how older clients say who they are."""

    type: str
    identifier: Identifier | None = None
    user: str | None = None
    password: str | None = None
    token: str | None = None
    device_id: str | None = None
    initial_device_display_name: str | None = None
    refresh_token: bool = False


class Login:
    """Signs people in."""

    def __init__(
        self, pool: Pool, passwords: PasswordSignIn, login_tokens: LoginTokens, accounts: Accounts, issuer: Issuer
    ) -> None:
        self._pool = pool
        self._login_tokens = login_tokens
        self._passwords = passwords
        self._accounts = accounts
        self._issuer = issuer
        self._decoder = msgspec.json.Decoder(LoginBody)

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        for path in PATHS:
            yield Route("GET", path, self.get, Access.OPEN)
            yield Route("POST", path, self.post, Access.OPEN, limit="login")

    async def get(self, request: Request) -> Response:
        return ok({"flows": [{"type": each} for each in self._flows()]})

    async def post(self, request: Request) -> Response:
        if not request.body:
            raise NotJson
        body = request.parse(self._decoder)
        if body.type not in self._flows():
            raise UnknownLoginType
        session = self._issuer.session(body.device_id, body.initial_device_display_name, body.refresh_token)
        if body.type == TOKEN:
            return await self._sign_in(self._redeemed(body), structs.replace(session, method=TOKEN))
        verified = await self._verify(body, request.client_address)
        return await self._sign_in(verified.user_id, session, renewed(verified))

    async def _sign_in(self, user_id: str, session: NewSession, password: RenewedPassword | None = None) -> Response:
        await self._check_device_id(user_id, session)
        await self._pool.submit(sign_in(user_id, session, password))
        fields = self._issuer.answer(session.tokens)
        return ok({"user_id": user_id, "device_id": session.device_id, **fields})

    def _flows(self) -> tuple[str, ...]:
        return (PASSWORD, TOKEN) if self._login_tokens.are_issued else (PASSWORD,)

    def _redeemed(self, body: LoginBody) -> str:
        if body.token is None:
            raise MissingParam("token is missing")
        return self._login_tokens.redeem(body.token)

    async def _verify(self, body: LoginBody, address: str) -> Verified:
        if body.password is None:
            raise MissingParam("password is missing")
        if body.identifier is None and body.user is None:
            raise MissingParam("identifier is missing")
        return await self._passwords.verify(self._passwords.user_id(body.identifier, body.user), body.password, address)

    async def _check_device_id(self, user_id: str, session: NewSession) -> None:
        # The device ID must not be the same as one of the user's cross-signing keys.
        if await self._accounts.is_cross_signing_key(user_id, session.device_id):
            raise Forbidden("a device may not have the name of a cross-signing key")


def renewed(verified: Verified) -> RenewedPassword | None:
    """Return the hash that replaces one of another cost."""
    check = verified.check
    if check.renewed is None or check.stored is None:
        return None
    return RenewedPassword(check.renewed, check.stored)
