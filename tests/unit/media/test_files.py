"""Files on disk: whole or not at all, and nothing unfinished that outlives its writer."""

import asyncio
import errno
import subprocess
import sys
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest

from myelin.matrix.errors import NotFound, ResourceUnavailable, TooLarge
from myelin.media import files as module
from myelin.media.files import CHUNK_BYTES, Files, Stored

LIMIT_BYTES = 4 * CHUNK_BYTES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "media"


@pytest.fixture
def files(folder: Path) -> Files:
    counter = iter(range(1000))
    made = Files(folder, lambda size: next(counter).to_bytes(size, "big"))
    made.prepare()
    return made


async def parts(*content: bytes) -> AsyncIterator[bytes]:
    for part in content:
        yield part


async def read(files: Files, digest: str) -> bytes:
    reading = await files.open(digest)
    try:
        return b"".join([chunk async for chunk in reading])
    finally:
        await reading.aclose()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "content", [b"", b"x", b"ab" * CHUNK_BYTES, bytes(LIMIT_BYTES)], ids=["empty", "small", "chunks", "limit"]
)
async def test_what_is_stored_is_read(files: Files, folder: Path, content: bytes) -> None:
    pieces = [content[index : index + 65_536] for index in range(0, len(content), 65_536)]
    stored = await files.store(parts(*pieces), LIMIT_BYTES)
    assert stored == Stored(sha256(content).hexdigest(), len(content))
    assert await read(files, stored.sha256) == content
    assert names(folder) == [stored.sha256]


async def test_equal_contents_are_one_file(files: Files, folder: Path) -> None:
    first, second = await asyncio.gather(*(files.store(parts(b"same"), LIMIT_BYTES) for _ in range(2)))
    assert first == second
    assert names(folder) == [first.sha256]


async def test_only_its_owner_may_read(files: Files, folder: Path) -> None:
    stored = await files.store(parts(b"x"), LIMIT_BYTES)
    (path,) = folder.rglob(stored.sha256)
    assert path.stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0


async def test_too_much_leaves_nothing(files: Files, folder: Path) -> None:
    with pytest.raises(TooLarge):
        await files.store(parts(bytes(LIMIT_BYTES), b"x"), LIMIT_BYTES)
    assert names(folder) == []


async def test_a_client_that_goes_away_leaves_nothing(files: Files, folder: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield bytes(CHUNK_BYTES)
        raise ConnectionAbortedError

    with pytest.raises((ConnectionAbortedError, ResourceUnavailable)):
        await files.store(broken(), LIMIT_BYTES)
    assert names(folder) == []


@pytest.mark.parametrize("step", ["write", "keep"])
async def test_a_full_disk_is_said_and_leaves_nothing(
    files: Files, folder: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(module.Incoming, step, full)
    with pytest.raises(ResourceUnavailable, match="no room"):
        await files.store(parts(b"x"), LIMIT_BYTES)
    assert names(folder) == []


async def test_a_full_disk_recovers_by_itself(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(module.Incoming, "write", lambda *_: (_ for _ in ()).throw(OSError(errno.EDQUOT, "quota")))
        with pytest.raises(ResourceUnavailable):
            await files.store(parts(b"x"), LIMIT_BYTES)
    assert (await files.store(parts(b"x"), LIMIT_BYTES)).size_bytes == 1


async def test_a_file_that_is_gone_is_not_found(files: Files) -> None:
    with pytest.raises(NotFound):
        await files.open("0" * 64)


WRITER = """
import sys
from pathlib import Path
from myelin.media.files import Incoming
incoming = Incoming(Path(sys.argv[1]))
incoming.write(b"half")
print("written", flush=True)
sys.stdin.read()
"""


def test_what_a_killed_writer_left_is_removed_and_a_living_one_is_let_be(files: Files, folder: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, folder / "incoming" / name], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for name in ("killed", "living")
    ]
    try:
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"written\n"
        writers[0].kill()
        writers[0].wait()
        files.prepare()
        assert names(folder) == ["living"]
    finally:
        for writer in writers:
            writer.kill()
            writer.communicate()
