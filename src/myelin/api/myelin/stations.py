"""GET /_myelin/v1/stations: the stations of the wards, so that a service knows which to ring."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.projections.stations import StationReader


class Stations:
    """Lists stations."""

    def __init__(self, stations: StationReader) -> None:
        self._stations = stations

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("GET", "/_myelin/v1/stations", self.get)

    async def get(self, request: Request) -> Response:
        stations = await self._stations.stations(request.query.get("department"))
        shown = [
            {"user_id": station.user_id, "title": station.title, "department_id": station.department_id}
            for station in stations
        ]
        return ok({"stations": shown})
