"""POST /_matrix/client/v3/refresh (client-server API, "Refreshing access tokens")."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from myelin.actions.sessions import refresh
from myelin.api.session.issuing import Issuer
from myelin.append.pool import Pool
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Access, Route
from myelin.stores.tokens import AccessTokens


class RefreshBody(msgspec.Struct, frozen=True):
    """The body."""

    refresh_token: str


class Refresh:
    """Exchanges a refresh token for a new pair of tokens."""

    def __init__(self, pool: Pool, tokens: AccessTokens, issuer: Issuer) -> None:
        self._pool = pool
        self._tokens = tokens
        self._issuer = issuer
        self._decoder = msgspec.json.Decoder(RefreshBody)

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("POST", "/_matrix/client/v3/refresh", self.post, Access.OPEN, limit="login")

    async def post(self, request: Request) -> Response:
        owner = await self._tokens.refreshed_by(request.parse(self._decoder).refresh_token)
        tokens = self._issuer.tokens(refreshable=True)
        await self._pool.submit(refresh(owner.user_id, owner.device_id, owner.token_hash, owner.unconfirmed, tokens))
        return ok(self._issuer.answer(tokens))
