"""POST /_matrix/media/v3/upload and GET /_matrix/client/v1/media/config (client-server API, "Content repository")."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from myelin.actions.upload_media import upload_media
from myelin.api.callers import sender_of
from myelin.append.pool import Pool
from myelin.entries.facts import MediaUploaded
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import InvalidParam, TooLarge
from myelin.matrix.identifiers import encode_base64url, mxc_uri
from myelin.media.files import Files

MEDIA_ID_BYTES = 18
FILE_NAME_LIMIT = 512
UNKNOWN_TYPE = "application/octet-stream"
CONTENT_TYPE = re.compile(r"[\w!#$&^.+-]{1,100}/[\w!#$&^.+-]{1,100}(?: ?; ?[\x20-\x7e]{1,200})?", re.ASCII)


class Upload:
    """Takes files in."""

    def __init__(
        self, pool: Pool, files: Files, server_name: str, limit_bytes: int, random: Callable[[int], bytes]
    ) -> None:
        self._pool = pool
        self._files = files
        self._server_name = server_name
        self._limit_bytes = limit_bytes
        self._random = random

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        yield Route("POST", "/_matrix/media/v3/upload", self.post, limit="media", streams=True)
        yield Route("GET", "/_matrix/client/v1/media/config", self.get_config)

    async def get_config(self, request: Request) -> Response:
        return ok({"m.upload.size": self._limit_bytes})

    async def post(self, request: Request) -> Response:
        file_name = named(request)
        if announced_bytes(request) > self._limit_bytes:
            raise TooLarge(f"a file may have {self._limit_bytes} bytes at most")
        assert request.stream is not None
        # The file first: an entry never names one that is not there.
        stored = await self._files.store(request.stream(), self._limit_bytes)
        media_id = encode_base64url(self._random(MEDIA_ID_BYTES))
        facts = MediaUploaded(media_id, stored.sha256, stored.size_bytes, content_type(request))
        await self._pool.submit(upload_media(sender_of(request), facts, file_name))
        return ok({"content_uri": mxc_uri(self._server_name, media_id)})


def named(request: Request) -> str | None:
    """Return the file's name, None without one."""
    name = request.query.get("filename", "")
    if len(name) > FILE_NAME_LIMIT:
        raise InvalidParam(f"a file name may have {FILE_NAME_LIMIT} characters at most")
    return name or None


def announced_bytes(request: Request) -> int:
    """Return the size that the client announces, 0 where it does not."""
    value = request.header(b"content-length") or b"0"
    return int(value) if value.isdigit() and len(value) < 20 else 0


def content_type(request: Request) -> str:
    """Return the type that the client names, or that of any bytes where it names none that could be one."""
    value = (request.header(b"content-type") or b"").decode("latin-1").strip()
    return value if CONTENT_TYPE.fullmatch(value) else UNKNOWN_TYPE
