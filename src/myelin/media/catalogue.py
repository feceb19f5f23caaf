"""What was uploaded, or announced, under which id, as the log's projections know it."""

from __future__ import annotations

import asyncpg
import msgspec

from myelin.schema.queries import load_queries


class UploadedFile(msgspec.Struct, frozen=True, gc=False):
    """An uploaded file; the name and the type are the uploader's words."""

    sha256: str
    size_bytes: int
    content_type: str
    file_name: str | None


class AnnouncedFile(msgspec.Struct, frozen=True, gc=False):
    """A media id that was given out before its content came; the content may come until `expires_at` (ms)."""

    user_id: str
    expires_at: int


class Catalogue:
    """Finds files by media id."""

    def __init__(self, reads: asyncpg.Pool) -> None:
        self._reads = reads
        self._queries = load_queries("myelin.media")
        self._name = msgspec.json.Decoder(str | None)

    async def find(self, media_id: str) -> UploadedFile | None:
        """Return a file, None where there is none of this id."""
        row = await self._reads.fetchrow(self._queries["uploaded_file"], media_id)
        if row is None:
            return None
        name = self._name.decode(row["body"]) if row["body"] else None
        return UploadedFile(row["sha256"], row["size_bytes"], row["content_type"], name)

    async def announced(self, media_id: str) -> AnnouncedFile | None:
        """Return who was given this id before its content, None where nobody was."""
        row = await self._reads.fetchrow(self._queries["announced_file"], media_id)
        return AnnouncedFile(row["user_id"], row["expires_at"]) if row is not None else None
