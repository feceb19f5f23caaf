"""GET /_matrix/client/v3/thirdparty/protocols (client-server API, "Third-party Networks"): there are none."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.http.messages import EMPTY, Request, Response
from myelin.http.routes import Route


def third_party_routes() -> Iterator[Route]:
    """Yield the route."""
    yield Route("GET", "/_matrix/client/v3/thirdparty/protocols", no_protocols)


async def no_protocols(request: Request) -> Response:
    """Return no protocol."""
    return EMPTY
