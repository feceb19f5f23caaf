"""GET /_matrix/client/versions (client-server API, "API Versions")."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Access, Route

# Clients compare strings, so every release is listed. Without v1.11 they ask for media on paths without authentication,
# which are not served here; what is still missing of these releases (thread lists)
# answers `M_UNRECOGNIZED`, which clients take as "not on this server".
VERSIONS = tuple(f"v1.{minor}" for minor in range(1, 13))
UNSTABLE_FEATURES = {
    "org.matrix.e2e_cross_signing": True,
    "org.matrix.msc3814": True,
    "org.matrix.msc4140": True,
    # Profile fields of one's own, on the paths of v1.16, whatever the list above says.
    "uk.tcpip.msc4133.stable": True,
}


def versions_routes() -> Iterator[Route]:
    """Yield the route."""
    yield Route("GET", "/_matrix/client/versions", get_versions, Access.OPTIONAL)


async def get_versions(request: Request) -> Response:
    response = ok({"versions": list(VERSIONS), "unstable_features": UNSTABLE_FEATURES})
    return Response(200, response.body, (*response.headers, (b"vary", b"Authorization")))
