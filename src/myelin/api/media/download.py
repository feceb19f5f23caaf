"""GET /_matrix/client/v1/media/download (client-server API, "Content repository")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from myelin.http.messages import Headers, Request, Response
from myelin.http.routes import Route
from myelin.matrix.errors import NotFound
from myelin.media.catalogue import Catalogue
from myelin.media.files import Files

PATH = "/_matrix/client/v1/media/download/{serverName}/{mediaId}"

# Servers SHOULD restrict Content-Type to these when serving inline content ("Serving inline content").
INLINE: Mapping[str, frozenset[str]] = {
    "text": frozenset({"css", "plain", "csv"}),
    "application": frozenset({"json", "ld+json"}),
    "image": frozenset({"jpeg", "gif", "png", "apng", "webp", "avif"}),
    "video": frozenset({"mp4", "webm", "ogg", "quicktime"}),
    "audio": frozenset({"mp4", "webm", "aac", "mpeg", "ogg", "wave", "wav", "x-wav", "x-pn-wav", "flac", "x-flac"}),
}
# Whatever a file contains, a browser that shows it runs nothing of it and keeps it for its owner only.
POLICY = (
    b"sandbox; default-src 'none'; script-src 'none'; plugin-types application/pdf; "
    b"style-src 'unsafe-inline'; object-src 'self';"
)
HARMLESS: Headers = (
    (b"content-security-policy", POLICY),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"private, max-age=31536000, immutable"),
)


class Download:
    """Gives files out."""

    def __init__(self, catalogue: Catalogue, files: Files, server_name: str) -> None:
        self._catalogue = catalogue
        self._files = files
        self._server_name = server_name

    def routes(self) -> Iterator[Route]:
        """Yield the routes; clients also ask with an empty file name."""
        yield Route("GET", PATH, self.get, limit="media")
        yield Route("GET", PATH + "/{fileName}", self.get, limit="media")

    async def get(self, request: Request) -> Response:
        server_name, media_id, *override = request.path
        # There is no federation yet: of other servers nothing is known.
        found = await self._catalogue.find(media_id) if server_name == self._server_name else None
        if found is None:
            raise NotFound("there is no such file on this server")
        reading = await self._files.open(found.sha256)
        name = (override[0] if override else "") or found.file_name
        headers = (
            (b"content-type", found.content_type.encode()),
            (b"content-disposition", disposition(found.content_type, name).encode()),
            (b"content-length", str(reading.size_bytes).encode()),
            *HARMLESS,
        )
        return Response(200, b"", headers, reading)


def disposition(content_type: str, file_name: str | None) -> str:
    """Return the `Content-Disposition` (RFC 6266): shown inline only where that is safe, else saved."""
    main_type, _, subtype = content_type.partition(";")[0].strip().lower().partition("/")
    kind = "inline" if subtype in INLINE.get(main_type, ()) else "attachment"
    if file_name is None:
        return kind
    plain = "".join(letter if letter.isascii() and letter.isprintable() else "_" for letter in file_name)
    quoted = plain.replace("\\", "\\\\").replace('"', '\\"')
    if plain == file_name:
        return f'{kind}; filename="{quoted}"'
    return f"{kind}; filename=\"{quoted}\"; filename*=utf-8''{quote(file_name, safe='', errors='replace')}"
