"""GET /.well-known/matrix/client (client-server API, "Well-known URIs")."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Access, Route


class WellKnown:
    """Tells clients that know only the server's name where it is."""

    def __init__(self, public_url: str) -> None:
        self._answer = ok({"m.homeserver": {"base_url": public_url}})

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("GET", "/.well-known/matrix/client", self.get, Access.OPEN)

    async def get(self, request: Request) -> Response:
        return self._answer
