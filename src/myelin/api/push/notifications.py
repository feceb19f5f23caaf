"""GET /_matrix/client/v3/notifications (client-server API, "Listing notifications")."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.api.callers import viewer_of
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import InvalidParam
from myelin.sync.notifications import NotificationPages

DEFAULT_LIMIT = 20
LIMIT = 100


class NotificationsEndpoint:
    """Lists what notified the caller."""

    def __init__(self, pages: NotificationPages) -> None:
        self._pages = pages

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        yield Route("GET", "/_matrix/client/v3/notifications", self.get)

    async def get(self, request: Request) -> Response:
        query = request.query
        only = query.get("only")
        if only not in (None, "", "highlight"):
            raise InvalidParam("only must be highlight, or absent")
        page = await self._pages.page(
            viewer_of(request), query.get("from"), limit_of(query.get("limit")), only == "highlight"
        )
        following = {"next_token": page.next_token} if page.next_token is not None else {}
        return ok({"notifications": page.notifications, **following})


def limit_of(text: str | None) -> int:
    """Return how many notifications are asked for; `InvalidParam` where that is no number."""
    if text is None:
        return DEFAULT_LIMIT
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise InvalidParam("limit must be a whole number that is not negative")
    return min(int(text), LIMIT)
