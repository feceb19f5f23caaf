"""The check of a request's access token, and what a request says about its session: used, seen."""

from __future__ import annotations

from myelin.actions.sessions import confirm_refresh
from myelin.append.pool import Pool
from myelin.http.messages import Caller
from myelin.log.tail import Freshness
from myelin.stores.last_seen import LastSeen
from myelin.stores.tokens import AccessTokens


class TokenCheck:
    """Whose access token this is, as the HTTP edge asks."""

    def __init__(self, tokens: AccessTokens, freshness: Freshness, pool: Pool, last_seen: LastSeen) -> None:
        self._tokens = tokens
        self._freshness = freshness
        self._pool = pool
        self._last_seen = last_seen

    async def caller(self, token: str, address: str) -> Caller:
        """Return the owner of a token; the first use of a refreshed one ends those before it."""
        # A session that another process ended a moment ago must not pass here.
        await self._freshness.ensure()
        owner = await self._tokens.owner(token)
        if owner.unconfirmed:
            await self._pool.submit(confirm_refresh(owner.user_id, owner.device_id, owner.token_hash))
        self._last_seen.saw(owner.user_id, owner.device_id, address)
        return Caller(owner.user_id, owner.device_id, owner.is_service)
