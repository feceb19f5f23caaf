"""GET /_myelin/v1/push/vapid: what a browser needs to be rung by this server (RFC 8292)."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.push.destinations import Destinations
from myelin.push.web_push import Vapid


class WebPushKey:
    """Gives the server's public key, the url for a pusher, and whose browsers can be rung."""

    def __init__(self, vapid: Vapid, destinations: Destinations) -> None:
        self._vapid = vapid
        self._destinations = destinations

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        yield Route("GET", "/_myelin/v1/push/vapid", self.get)

    async def get(self, request: Request) -> Response:
        places = self._destinations
        return ok({"public_key": self._vapid.public_key, "url": places.own_url, "hosts": places.web_push_hosts})
