"""Thumbnails: made by a worker when somebody first asks, kept on disk as long as there is room.

    data_dir/thumbnails/
      making/<random>           being made; held by a lock as long as its maker lives
      ab/<media id>.<size>      one byte, the verdict, and behind it the thumbnail where one was made

Everything here can be made again, so nothing is lost when it goes. A thumbnail belongs to one upload and not to its
content: who uploads a file cannot tell by the time it takes whether somebody else has it too.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Callable
from contextlib import suppress
from io import FileIO
from pathlib import Path

import msgspec

from myelin.matrix.errors import NoThumbnail, ResourceUnavailable, TooLarge
from myelin.media.files import Files, Reading, private, reading_of, remove_if_abandoned, unavailable
from myelin.media.verdicts import MADE, ORIGINAL, Ask, Verdict
from myelin.media.workers import Workers

# How much of what may be kept is left when room was made, and after how much that is new it is made again.
KEPT_SHARE = 0.9
NEW_SHARE = 0.05
BLOCK_BYTES = 512
FOLDER_NAME_LENGTH = 2


class Thumbnail(msgspec.Struct, frozen=True):
    """A thumbnail, ready to be read."""

    content_type: str
    reading: Reading


class Kept(msgspec.Struct, frozen=True):
    """What is known of one thumbnail: `file` is open, with the picture behind its first byte."""

    verdict: Verdict
    file: FileIO


class Thumbnails:
    """The thumbnails of one folder, which several processes may share; `limit_bytes` is what they may take together."""

    def __init__(
        self, folder: Path, files: Files, workers: Workers, random: Callable[[int], bytes], limit_bytes: int
    ) -> None:
        self._folder = folder
        self._making = folder / "making"
        self._files = files
        self._workers = workers
        self._random = random
        self._limit_bytes = limit_bytes
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._new_bytes = limit_bytes
        self._room = asyncio.Lock()

    def prepare(self) -> None:
        """Make the folders, and remove what makers that are gone have left unfinished."""
        self._making.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in self._making.iterdir():
            remove_if_abandoned(path)

    async def get(self, media_id: str, digest: str, ask: Ask) -> Thumbnail:
        """Return a thumbnail of an uploaded file; `NoThumbnail` or `TooLarge` where there is none."""
        name = f"{media_id}.{ask.name}"
        try:
            kept = await asyncio.to_thread(self._kept, name) or await self._made(name, digest, ask)
        except OSError as fault:
            raise unavailable(fault) from None
        if kept.verdict in MADE:
            return Thumbnail(MADE[kept.verdict], reading_of(kept.file, 1))
        kept.file.close()
        if kept.verdict is Verdict.TOO_LARGE:
            raise TooLarge("this picture is too large for a thumbnail")
        if kept.verdict not in ORIGINAL:
            raise NoThumbnail
        return Thumbnail(ORIGINAL[kept.verdict], await self._files.open(digest))

    async def _made(self, name: str, digest: str, ask: Ask) -> Kept:
        """Return a thumbnail that is made now; all who ask meanwhile wait for the same worker."""
        task = self._under_way.get(name)
        if task is None:
            task = asyncio.ensure_future(self._make(name, digest, ask))
            self._under_way[name] = task
            task.add_done_callback(lambda done: self._finished(name, done))
        await asyncio.shield(task)
        kept = await asyncio.to_thread(self._kept, name)
        if kept is None:
            raise ResourceUnavailable
        return kept

    def _finished(self, name: str, task: asyncio.Task[None]) -> None:
        del self._under_way[name]
        if not task.cancelled():
            # Whoever waits is told; where nobody does any more, nobody misses it.
            task.exception()

    async def _make(self, name: str, digest: str, ask: Ask) -> None:
        source = await self._files.open(digest)
        try:
            making = await asyncio.to_thread(Making, self._making / self._random(16).hex())
            try:
                verdict = await self._workers.verdict(source.fileno(), making.fileno(), ask)
                self._new_bytes += await asyncio.to_thread(making.keep, self._path(name), verdict)
            finally:
                making.discard()
        finally:
            await source.aclose()
        await self._make_room()

    async def _make_room(self) -> None:
        if self._new_bytes >= self._limit_bytes * NEW_SHARE and not self._room.locked():
            async with self._room:
                self._new_bytes = 0
                await asyncio.to_thread(make_room, self._folder, self._limit_bytes)

    def _kept(self, name: str) -> Kept | None:
        try:
            file = FileIO(self._path(name))
        except FileNotFoundError:
            return None
        try:
            verdict = Verdict(os.pread(file.fileno(), 1, 0)[0])
        except (ValueError, IndexError):
            # Half of it was written when the power went.
            file.close()
            return None
        with suppress(OSError):
            # What is asked for stays.
            os.utime(file.fileno())
        return Kept(verdict, file)

    def _path(self, name: str) -> Path:
        return self._folder / name[:FOLDER_NAME_LENGTH] / name


class Making:
    """A thumbnail that is being made. Its lock is its worker's too."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = FileIO(path, "xb+", opener=private)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        # The worker writes behind the place of the verdict.
        self._file.write(b"\0")

    def fileno(self) -> int:
        return self._file.fileno()

    def keep(self, target: Path, verdict: Verdict) -> int:
        """Put the thumbnail in its place; return how many bytes it takes."""
        if verdict not in MADE:
            self._file.truncate(1)
        os.pwrite(self._file.fileno(), bytes([verdict]), 0)
        # Clients keep what they are given for a year: none is given what a crash has left.
        os.fdatasync(self._file.fileno())
        target.parent.mkdir(mode=0o700, exist_ok=True)
        self._path.replace(target)
        return taken_bytes(os.fstat(self._file.fileno()))

    def discard(self) -> None:
        """Let go of the file; remove it unless it was kept."""
        self._path.unlink(missing_ok=True)
        self._file.close()


def make_room(folder: Path, limit_bytes: int) -> None:
    """Remove those that nobody has asked for the longest, until there is some room again."""
    kept: list[tuple[int, int, Path]] = []
    for path in folder.glob("?" * FOLDER_NAME_LENGTH + "/*"):
        with suppress(FileNotFoundError):
            status = path.stat()
            kept.append((status.st_mtime_ns, taken_bytes(status), path))
    total = sum(size for _, size, _ in kept)
    if total <= limit_bytes:
        return
    for _, size, path in sorted(kept):
        if total <= limit_bytes * KEPT_SHARE:
            return
        path.unlink(missing_ok=True)
        total -= size


def taken_bytes(status: os.stat_result) -> int:
    """Return what a file takes on disk: of the smallest ones there may be many."""
    return status.st_blocks * BLOCK_BYTES
