"""GET /_matrix/client/v1/media/thumbnail (client-server API, "Thumbnails")."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.api.media.arrivals import Arrivals
from myelin.api.media.serving import served
from myelin.http.messages import Request, Response
from myelin.http.routes import Route
from myelin.matrix.errors import InvalidParam, MissingParam
from myelin.media.sizes import standard
from myelin.media.thumbnails import Thumbnails
from myelin.media.verdicts import Ask

PATH = "/_matrix/client/v1/media/thumbnail/{serverName}/{mediaId}"
DIGITS_LIMIT = 9


class ThumbnailOf:
    """Gives thumbnails of pictures."""

    def __init__(self, arrivals: Arrivals, thumbnails: Thumbnails) -> None:
        self._arrivals = arrivals
        self._thumbnails = thumbnails

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("GET", PATH, self.get, limit="media")

    async def get(self, request: Request) -> Response:
        server_name, media_id = request.path
        ask = asked(request)
        found = await self._arrivals.find(server_name, media_id, request)
        thumbnail = await self._thumbnails.get(media_id, found.sha256, ask)
        kind = thumbnail.content_type
        headers = (
            (b"content-type", kind.encode()),
            (b"content-disposition", f'inline; filename="thumbnail.{kind.rpartition("/")[2]}"'.encode()),
        )
        return await served(request, thumbnail.reading, f"{found.sha256}.{ask.name}", headers)


def asked(request: Request) -> Ask:
    """Return which of the standard thumbnails serves this request."""
    query = request.query
    crops = one_of("method", query.get("method", "scale"), {"crop": True, "scale": False})
    animated = one_of("animated", query.get("animated", "false"), {"true": True, "false": False})
    return standard(length("width", query.get("width")), length("height", query.get("height")), crops, animated)


def length(name: str, value: str | None) -> int:
    if value is None:
        raise MissingParam(f"{name} is missing: how large is the thumbnail to be?")
    if not (value.isascii() and value.isdigit() and len(value) <= DIGITS_LIMIT and int(value)):
        raise InvalidParam(f"{name} must be a number of pixels")
    return int(value)


def one_of(name: str, value: str, meanings: dict[str, bool]) -> bool:
    if value not in meanings:
        raise InvalidParam(f"{name} must be {' or '.join(meanings)}")
    return meanings[value]
