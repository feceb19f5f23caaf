"""Uploaded files on disk: one file for each content, at a path made of its SHA-256.

    data_dir/media/
      incoming/<random>     being written; held by a lock as long as its writer lives
      ab/cd/<sha256>        complete and durable

Nothing here decides who may read what, and no name that a client chose becomes part of a path.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import logging
import os
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from io import FileIO
from pathlib import Path
from threading import Lock

import msgspec

from myelin.matrix.errors import NotFound, ResourceUnavailable, TooLarge

CHUNK_BYTES = 256 * 1024
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)

logger = logging.getLogger(__name__)


class Stored(msgspec.Struct, frozen=True, gc=False):
    """A file that is durable."""

    sha256: str
    size_bytes: int


class Files:
    """The files of one folder, which several processes may share. `random` returns that many random bytes."""

    def __init__(self, folder: Path, random: Callable[[int], bytes]) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        self._random = random

    def prepare(self) -> None:
        """Make the folders, and remove what writers that are gone have left unfinished."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._incoming.mkdir(mode=0o700, exist_ok=True)
        for path in self._incoming.iterdir():
            remove_if_abandoned(path)

    async def store(self, parts: AsyncIterator[bytes], limit_bytes: int) -> Stored:
        """Write a file as it arrives, and return once it is durable; `TooLarge` above the limit.

        A crash leaves at most a file in `incoming`; a file that no entry names later does no harm.
        """
        incoming: Incoming | None = None
        try:
            incoming = await asyncio.to_thread(Incoming, self._incoming / self._random(16).hex())
            async for chunk in gathered(parts):
                if incoming.size_bytes + len(chunk) > limit_bytes:
                    raise TooLarge(f"a file may have {limit_bytes} bytes at most")
                await asyncio.to_thread(incoming.write, chunk)
            return await asyncio.to_thread(incoming.keep, self._path)
        except OSError as fault:
            raise unavailable(fault) from None
        finally:
            if incoming is not None:
                incoming.discard()

    async def open(self, digest: str) -> Reading:
        """Return a file, ready to be read; `NotFound` where it is gone."""
        try:
            return reading_of(await asyncio.to_thread(FileIO, self._path(digest)))
        except FileNotFoundError:
            logger.error("a file that the log names is not in the media folder")
            raise NotFound("this file is no longer there") from None
        except OSError as fault:
            raise unavailable(fault) from None

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest[2:4] / digest


class Incoming:
    """A file that is being written, by one thread at a time. Its lock says that its writer lives."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = FileIO(path, "xb", opener=private)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._hash = sha256()
        self._turn = Lock()
        self.size_bytes = 0

    def write(self, chunk: bytes) -> None:
        """Add bytes."""
        with self._turn:
            rest = memoryview(chunk)
            while rest:
                rest = rest[self._file.write(rest) :]
            self._hash.update(chunk)
            self.size_bytes += len(chunk)

    def keep(self, path_of: Callable[[str], Path]) -> Stored:
        """Make the file durable under its hash; equal content that is there already is replaced by itself."""
        with self._turn:
            digest = self._hash.hexdigest()
            target = path_of(digest)
            os.fsync(self._file.fileno())
            # The file is whole before it has its name, and its name is durable before anybody is told.
            for folder in (target.parent.parent, target.parent):
                folder.mkdir(mode=0o700, exist_ok=True)
            self._path.replace(target)
            for folder in (target.parent, target.parent.parent, target.parent.parent.parent):
                sync_folder(folder)
            return Stored(digest, self.size_bytes)

    def discard(self) -> None:
        """Let go of the file; remove it unless it was kept."""
        with self._turn:
            self._path.unlink(missing_ok=True)
            self._file.close()


class Reading:
    """The bytes of a file from `start` to before `end`, read a chunk at a time; `aclose` lets go of it."""

    def __init__(self, file: FileIO, start: int, end: int) -> None:
        self._file = file
        self._start = start
        self._end = end

    @property
    def size_bytes(self) -> int:
        """How much there is to read."""
        return self._end - self._start

    def fileno(self) -> int:
        """Return the descriptor of the whole file, for a process that reads it."""
        return self._file.fileno()

    def part(self, start: int, end: int) -> Reading:
        """Return a part of it, in its place: the same file, to be let go of once."""
        return Reading(self._file, self._start + start, self._start + end)

    def __aiter__(self) -> Reading:
        return self

    async def __anext__(self) -> bytes:
        wanted = min(CHUNK_BYTES, self._end - self._start)
        # By its place in the file: a thread that is still reading when the client is gone moves nothing.
        chunk = await asyncio.to_thread(os.pread, self._file.fileno(), wanted, self._start) if wanted else b""
        if not chunk:
            raise StopAsyncIteration
        self._start += len(chunk)
        return chunk

    async def aclose(self) -> None:
        self._file.close()


def reading_of(file: FileIO, start: int = 0) -> Reading:
    """Return all of an open file that stands behind its first bytes."""
    return Reading(file, start, os.fstat(file.fileno()).st_size)


async def gathered(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield chunks that are worth a turn of a thread."""
    waiting = bytearray()
    async for part in parts:
        waiting += part
        if len(waiting) >= CHUNK_BYTES:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_if_abandoned(path: Path) -> None:
    """Remove an unfinished file whose writer is gone."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
    except (BlockingIOError, FileNotFoundError):
        # Another process is writing it, or has just finished.
        return


def unavailable(fault: OSError) -> ResourceUnavailable:
    """Return the refusal for a disk that does not take or give a file."""
    logger.error("the media folder fails: %s", errno.errorcode.get(fault.errno or 0, "unknown"))
    if fault.errno in NO_ROOM:
        return ResourceUnavailable("the server has no room left for files; tell its administrator")
    return ResourceUnavailable()
