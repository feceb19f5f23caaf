"""GET /_matrix/client/v3/voip/turnServer (client-server API, "Voice over IP")."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence

import msgspec

from myelin.http.messages import EMPTY, Request, Response, ok
from myelin.http.routes import Route


class Relay(msgspec.Struct, frozen=True):
    """The site's relay and the secret that it shares with us."""

    uris: Sequence[str]
    secret: str
    ttl_seconds: int


class TurnServer:
    """Gives out credentials for the relay that end by themselves; `{}` where there is no relay."""

    def __init__(self, relay: Relay | None, clock_ms: Callable[[], int]) -> None:
        self._relay = relay
        self._clock_ms = clock_ms

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("GET", "/_matrix/client/v3/voip/turnServer", self.get)

    async def get(self, request: Request) -> Response:
        if self._relay is None:
            return EMPTY
        ends_at_s = self._clock_ms() // 1000 + self._relay.ttl_seconds
        username = f"{ends_at_s}:{request.signed_in.user_id}"
        return ok(
            {
                "username": username,
                "password": password(self._relay.secret, username),
                "uris": list(self._relay.uris),
                "ttl": self._relay.ttl_seconds,
            }
        )


def password(secret: str, username: str) -> str:
    """Return what a relay with this secret accepts (coturn's `use-auth-secret`), until the time in the name."""
    return b64encode(hmac.digest(secret.encode(), username.encode(), "sha1")).decode()
