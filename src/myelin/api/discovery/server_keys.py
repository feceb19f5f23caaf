"""GET /_matrix/key/v2/server (server-server API, "Publishing Keys"): what events made here are signed with."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Access, Route
from myelin.matrix.server_keys import server_keys
from myelin.matrix.signing import SigningKey

VALID_MS = 24 * 60 * 60 * 1000
# Signed anew well before it ends, and not for everybody who asks.
RENEW_MS = VALID_MS // 2


class ServerKeys:
    """Publishes the server's signing key."""

    def __init__(self, server_name: str, key: SigningKey, clock_ms: Callable[[], int]) -> None:
        self._server_name = server_name
        self._key = key
        self._clock_ms = clock_ms
        self._answer = Response(200, b"")
        self._renew_at = 0

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("GET", "/_matrix/key/v2/server", self.get, Access.OPEN)

    async def get(self, request: Request) -> Response:
        now = self._clock_ms()
        if now >= self._renew_at:
            self._answer = ok(server_keys(self._server_name, self._key, now + VALID_MS))
            self._renew_at = now + RENEW_MS
        return self._answer
