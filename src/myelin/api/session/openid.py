"""Proving to another service who one is (client-server API, "OpenID"; server-server API, "OpenID").

POST /_matrix/client/v3/user/{userId}/openid/request_token
GET  /_matrix/federation/v1/openid/userinfo
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator

from myelin.api.callers import own
from myelin.append.loading import Loading
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Access, Route
from myelin.matrix.errors import MissingToken, UnknownToken

LIFETIME_S = 3600
MALFORMED = "this token is unknown, or has expired"


class OpenIdTokens:
    """Makes tokens that carry their owner and their end under a seal, so that nothing has to be kept."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def token(self, user_id: str, expires_at: int) -> str:
        """Return a token that is good until a moment in ms."""
        text = f"{expires_at}.{user_id.encode().hex()}"
        return f"{text}.{self._tag(text)}"

    def owner(self, token: str, now_ms: int) -> str:
        """Return whose token this is; `UnknownToken` where it is nobody's any more."""
        text, _, tag = token.rpartition(".")
        if not hmac.compare_digest(tag.encode(), self._tag(text).encode()):
            raise UnknownToken(MALFORMED)
        expires_at, _, name = text.partition(".")
        if int(expires_at) <= now_ms:
            raise UnknownToken(MALFORMED)
        return bytes.fromhex(name).decode()

    def _tag(self, text: str) -> str:
        return hmac.digest(self._secret, text.encode(), hashlib.sha256).hex()


class OpenId:
    """Gives tokens to people, and tells services whose they are."""

    def __init__(self, tokens: OpenIdTokens, loading: Loading, server_name: str, clock_ms: Callable[[], int]) -> None:
        self._tokens = tokens
        self._loading = loading
        self._server_name = server_name
        self._clock_ms = clock_ms

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        yield Route("POST", "/_matrix/client/v3/user/{userId}/openid/request_token", self.post, limit="room")
        yield Route("GET", "/_matrix/federation/v1/openid/userinfo", self.userinfo, Access.OPEN, limit="search")

    async def post(self, request: Request) -> Response:
        user_id = own(request, request.path[0])
        request.json_object()
        return ok(
            {
                "access_token": self._tokens.token(user_id, self._clock_ms() + LIFETIME_S * 1000),
                "token_type": "Bearer",
                "matrix_server_name": self._server_name,
                "expires_in": LIFETIME_S,
            }
        )

    async def userinfo(self, request: Request) -> Response:
        token = request.query.get("access_token")
        if token is None:
            raise MissingToken
        user_id = self._tokens.owner(token, self._clock_ms())
        user = await self._loading.user(user_id)
        if user is None or not user.active:
            raise UnknownToken(MALFORMED)
        return ok({"sub": user_id})
