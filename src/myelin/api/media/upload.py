"""POST /_matrix/media/v3/upload, with an id of its own or for one that was created before ("Content repository")."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from myelin.actions.upload_media import create_media, upload_media
from myelin.api.callers import sender_of
from myelin.append.loading import Loading
from myelin.append.pool import Pool
from myelin.entries.facts import MediaUploaded
from myelin.http.messages import EMPTY, Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import CannotOverwriteMedia, Forbidden, InvalidParam, NotFound
from myelin.matrix.identifiers import encode_base64url, mxc_uri
from myelin.media.allowances import Allowances
from myelin.media.catalogue import AnnouncedFile, Catalogue
from myelin.media.files import Files

MEDIA_ID_BYTES = 18
FILE_NAME_LIMIT = 512
UNKNOWN_TYPE = "application/octet-stream"
TYPE = re.compile(r"[\w!#$&^.+-]{1,100}/[\w!#$&^.+-]{1,100}", re.ASCII)
PARAMETERS = re.compile(r"(?:; ?[\w-]{1,50}=[\w!#$&^.+:/-]{1,100} ?){0,4}", re.ASCII)


class Upload:
    """Takes files in."""

    def __init__(
        self,
        pool: Pool,
        loading: Loading,
        files: Files,
        catalogue: Catalogue,
        allowances: Allowances,
        server_name: str,
        random: Callable[[int], bytes],
    ) -> None:
        self._pool = pool
        self._loading = loading
        self._files = files
        self._catalogue = catalogue
        self._allowances = allowances
        self._server_name = server_name
        self._random = random

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        yield Route("POST", "/_matrix/media/v3/upload", self.post, limit="media", streams=True)
        yield Route("POST", "/_matrix/media/v1/create", self.create, limit="media")
        yield Route("PUT", "/_matrix/media/v3/upload/{serverName}/{mediaId}", self.put, limit="media", streams=True)
        yield Route("GET", "/_matrix/client/v1/media/config", self.get_config)

    async def get_config(self, request: Request) -> Response:
        return ok({"m.upload.size": self._allowances.limit_bytes})

    async def post(self, request: Request) -> Response:
        media_id = self._new_id()
        await self._take_in(request, media_id)
        return ok({"content_uri": mxc_uri(self._server_name, media_id)})

    async def create(self, request: Request) -> Response:
        media_id = self._new_id()
        expires_at = await self._pool.submit(create_media(sender_of(request), media_id))
        return ok({"content_uri": mxc_uri(self._server_name, media_id), "unused_expires_at": expires_at})

    async def put(self, request: Request) -> Response:
        announced = await self._announced(request)
        await self._take_in(request, request.path[1], announced.expires_at)
        return EMPTY

    async def _announced(self, request: Request) -> AnnouncedFile:
        """Return what is known of the id before anything is received for it; the log has the last word."""
        server_name, media_id = request.path
        announced = await self._catalogue.announced(media_id) if server_name == self._server_name else None
        if announced is None:
            raise NotFound("this media id was not created here")
        if announced.user_id != request.signed_in.user_id:
            raise Forbidden("this media id was created by somebody else")
        if await self._catalogue.find(media_id) is not None:
            raise CannotOverwriteMedia
        return announced

    async def _take_in(self, request: Request, media_id: str, expires_at: int | None = None) -> None:
        file_name, sender = named(request), sender_of(request)
        user = await self._loading.user(sender.user_id)
        used_bytes = user.media_bytes if user is not None else 0
        assert request.stream is not None
        with self._allowances.allow(sender.user_id, used_bytes, announced_bytes(request)) as allowed_bytes:
            # The file first: an entry never names one that is not there.
            stored = await self._files.store(request.stream(), allowed_bytes)
            facts = MediaUploaded(media_id, stored.sha256, stored.size_bytes, content_type(request))
            proposal = upload_media(sender, facts, file_name, self._allowances.quota_bytes, expires_at)
            await self._pool.submit(proposal)

    def _new_id(self) -> str:
        return encode_base64url(self._random(MEDIA_ID_BYTES))


def named(request: Request) -> str | None:
    """Return the file's name, None without one."""
    name = request.query.get("filename", "")
    if len(name) > FILE_NAME_LIMIT:
        raise InvalidParam(f"a file name may have {FILE_NAME_LIMIT} characters at most")
    return name or None


def announced_bytes(request: Request) -> int | None:
    """Return the size that the client announces, None where it does not."""
    value = request.header(b"content-length")
    return int(value) if value is not None and value.isdigit() and len(value) < 20 else None


def content_type(request: Request) -> str:
    """Return the type that the client names, or that of any bytes where it names none that could be one."""
    value = (request.header(b"content-type") or b"").decode("latin-1").strip()
    plain, _, _ = value.partition(";")
    plain = plain.rstrip()
    if not TYPE.fullmatch(plain):
        return UNKNOWN_TYPE
    # Parameters that could be read in two ways are left out.
    parameters = value.removeprefix(plain).lstrip()
    return plain + parameters if PARAMETERS.fullmatch(parameters) else plain
