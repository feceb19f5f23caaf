"""GET /_matrix/client/v3/rooms/{roomId}/members, .../joined_members (client-server API, "Getting events")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import orjson

from myelin.api.callers import viewer_of
from myelin.api.rooms.parameters import position_of, room_of
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import Forbidden, InvalidParam
from myelin.sync.past_state import PastState
from myelin.sync.room_view import RoomViews

MEMBERSHIPS = ("join", "invite", "knock", "leave", "ban")


class Members:
    """Lists the members of rooms."""

    def __init__(self, views: RoomViews, state: PastState) -> None:
        self._views = views
        self._state = state

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        yield Route("GET", "/_matrix/client/v3/rooms/{roomId}/members", self.get)
        yield Route("GET", "/_matrix/client/v3/rooms/{roomId}/joined_members", self.joined)

    async def get(self, request: Request) -> Response:
        view = await self._views.of(viewer_of(request), room_of(request))
        query = request.query
        at = position_of(query, "at")
        members = await self._state.members(
            view,
            view.upto if at is None else at,
            membership_of(query, "membership"),
            membership_of(query, "not_membership"),
        )
        return ok({"chunk": [orjson.Fragment(event) for event in members]})

    async def joined(self, request: Request) -> Response:
        view = await self._views.of(viewer_of(request), room_of(request))
        if not view.is_joined:
            raise Forbidden("you are not in this room")
        return ok({"joined": await self._state.joined_members(view)})


def membership_of(query: Mapping[str, str], name: str) -> str | None:
    """Return a membership of the query; `InvalidParam` where it is none."""
    found = query.get(name)
    if found is not None and found not in MEMBERSHIPS:
        raise InvalidParam(f"{name} must be one of {', '.join(MEMBERSHIPS)}")
    return found
