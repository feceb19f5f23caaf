"""What was uploaded under which id, as the log's projection knows it."""

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


class Catalogue:
    """Finds uploaded files by media id."""

    def __init__(self, reads: asyncpg.Pool) -> None:
        self._reads = reads
        self._query = load_queries("myelin.media")["uploaded_file"]
        self._name = msgspec.json.Decoder(str | None)

    async def find(self, media_id: str) -> UploadedFile | None:
        """Return a file, None where there is none of this id."""
        row = await self._reads.fetchrow(self._query, media_id)
        if row is None:
            return None
        name = self._name.decode(row["body"]) if row["body"] else None
        return UploadedFile(row["sha256"], row["size_bytes"], row["content_type"], name)
