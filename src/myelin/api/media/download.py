"""GET /_matrix/client/v1/media/download (client-server API, "Content repository")."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.api.media.arrivals import Arrivals
from myelin.api.media.serving import disposition, served
from myelin.http.messages import Request, Response
from myelin.http.routes import Route
from myelin.media.files import Files

PATH = "/_matrix/client/v1/media/download/{serverName}/{mediaId}"


class Download:
    """Gives files out."""

    def __init__(self, arrivals: Arrivals, files: Files) -> None:
        self._arrivals = arrivals
        self._files = files

    def routes(self) -> Iterator[Route]:
        """Yield the routes; clients also ask with an empty file name."""
        yield Route("GET", PATH, self.get, limit="media")
        yield Route("GET", PATH + "/{fileName}", self.get, limit="media")

    async def get(self, request: Request) -> Response:
        server_name, media_id, *override = request.path
        found = await self._arrivals.find(server_name, media_id, request)
        reading = await self._files.open(found.sha256)
        name = (override[0] if override else "") or found.file_name
        headers = (
            (b"content-type", found.content_type.encode()),
            (b"content-disposition", disposition(found.content_type, name).encode()),
        )
        return await served(request, reading, found.sha256, headers)
