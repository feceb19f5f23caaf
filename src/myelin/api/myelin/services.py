"""GET /_myelin/v1/services: the hospital's services, whether they are alive, and where their cards may lead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.projections.services import ServiceReader
from myelin.stores.last_seen import LastSeen


class Services:
    """Lists services, and the hosts that the site lets their cards lead to."""

    def __init__(self, services: ServiceReader, last_seen: LastSeen, link_hosts: Sequence[str]) -> None:
        self._services = services
        self._last_seen = last_seen
        self._link_hosts = list(link_hosts)

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("GET", "/_myelin/v1/services", self.get)

    async def get(self, request: Request) -> Response:
        services = await self._services.services()
        alive = await self._last_seen.latest([service.user_id for service in services])
        return ok(
            {
                "services": [
                    {
                        "user_id": service.user_id,
                        "title": service.title,
                        "display_name": service.title,
                        "last_alive": alive.get(service.user_id),
                    }
                    for service in services
                ],
                "link_hosts": self._link_hosts,
            }
        )
