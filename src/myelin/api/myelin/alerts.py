"""GET /_myelin/v1/alerts: how much critical is unread, for a device that is locked."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.api.syncing.sync import milliseconds
from myelin.http.application import Tokens, bearer_token
from myelin.http.messages import Caller, Request, Response, ok
from myelin.http.routes import Access, Route
from myelin.matrix.errors import InvalidParam, MissingToken
from myelin.stores.device_locks import DeviceLocks
from myelin.sync.alerts import Alerts


class AlertsEndpoint:
    """Answers the token of a lock, and access tokens."""

    def __init__(self, alerts: Alerts, locks: DeviceLocks, tokens: Tokens) -> None:
        self._alerts = alerts
        self._locks = locks
        self._tokens = tokens

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("GET", "/_myelin/v1/alerts", self.get, Access.OPEN)

    async def get(self, request: Request) -> Response:
        caller = await self._caller(request)
        after, timeout = request.query.get("after"), request.query.get("timeout", "0")
        position = position_of(after) if after is not None else None
        alert = await self._alerts.answer(caller.user_id, caller.device_id, position, milliseconds(timeout))
        return ok({"position": alert.position, "critical": alert.critical})

    async def _caller(self, request: Request) -> Caller:
        token = bearer_token(request)
        if token is None:
            raise MissingToken
        owner = await self._locks.owner(token)
        if owner is not None:
            return Caller(owner.user_id, owner.device_id)
        return await self._tokens.caller(token, request.client_address)


def position_of(text: str) -> int:
    """Return a position; `InvalidParam` where it is none."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise InvalidParam("after must be a position from an earlier answer")
    return int(text)
