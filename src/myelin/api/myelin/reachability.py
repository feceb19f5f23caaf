"""GET /_myelin/v1/rooms/{roomId}/reachability: who of a department cannot read yet what is said in its room."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.api.callers import viewer_of
from myelin.api.rooms.parameters import room_of
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import Forbidden
from myelin.projections.directory_rooms import RemainingDirectoryRooms
from myelin.sync.room_view import RoomViews


class Reachability:
    """Answers members who ask whom they do not reach."""

    def __init__(self, views: RoomViews, rooms: RemainingDirectoryRooms) -> None:
        self._views = views
        self._rooms = rooms

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("GET", "/_myelin/v1/rooms/{roomId}/reachability", self.get)

    async def get(self, request: Request) -> Response:
        view = await self._views.of(viewer_of(request), room_of(request))
        if not view.is_joined:
            raise Forbidden("only members may ask whom a room does not reach")
        return ok({"not_yet_reachable": await self._rooms.not_yet_reachable(view.room.room_id)})
