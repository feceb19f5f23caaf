"""Starts a process for each picture, a few at a time, and waits for its verdict; see `myelin.media.worker`."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

from myelin.matrix.errors import LimitExceeded, ResourceUnavailable
from myelin.media.verdicts import Ask, Verdict

# Above these the worker ends itself; the server is a little more patient.
WALL_S = 65.0
WAITING_LIMIT = 200
RETRY_MS = 5_000
# In isolation: no environment, no site, no current folder; only where Myelin and Pillow are.
START = "import sys; sys.path += sys.argv[1:3]; from myelin.media.worker import main; main(*sys.argv[3:])"

logger = logging.getLogger(__name__)


class Workers:
    """At most `count` processes at a time; who comes then waits in turn."""

    def __init__(self, count: int) -> None:
        self._free = asyncio.Semaphore(count)
        self._waiting = 0
        self._command = (sys.executable, "-I", "-S", "-c", START, *map(str, places()))

    async def verdict(self, source: int, target: int, ask: Ask) -> Verdict:
        """Return what became of the picture that one descriptor reads, written behind what the other has written."""
        if self._waiting >= WAITING_LIMIT:
            raise LimitExceeded("too many pictures wait for their thumbnails", retry_after_ms=RETRY_MS)
        self._waiting += 1
        try:
            async with self._free:
                async with started((*self._command, *arguments(ask)), source, target) as process:
                    await ended(process)
        finally:
            self._waiting -= 1
        return read_verdict(process.wait())


@asynccontextmanager
async def started(command: tuple[str, ...], source: int, target: int) -> AsyncIterator[subprocess.Popen[bytes]]:
    """Run a process that does not outlive this block."""
    process = await asyncio.to_thread(start, command, source, target)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def start(command: tuple[str, ...], source: int, target: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=source,
        stdout=target,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        start_new_session=True,
    )


async def ended(process: subprocess.Popen[bytes]) -> None:
    """Wait for the end of a process, as long as it may take."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    descriptor = os.pidfd_open(process.pid)
    loop.add_reader(descriptor, over.set)
    try:
        await asyncio.wait_for(over.wait(), WALL_S)
    except TimeoutError:
        logger.warning("a thumbnail was given up: the machine is too busy")
        raise ResourceUnavailable("the server is too busy to make this thumbnail; try again later") from None
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def read_verdict(code: int) -> Verdict:
    """Return the verdict of an exit code; whoever wanted more time or broke down gets no thumbnail."""
    if code in (-signal.SIGXCPU, -signal.SIGXFSZ):
        return Verdict.TOO_LARGE
    if code in (-signal.SIGKILL, -signal.SIGALRM):
        # Not the picture's fault alone: the machine had no memory or no time for it.
        raise ResourceUnavailable("the server is too busy to make this thumbnail; try again later")
    try:
        return Verdict(code)
    except ValueError:
        logger.warning("a worker broke down on a picture: exit code %d", code)
        return Verdict.NO_PICTURE


def arguments(ask: Ask) -> tuple[str, str, str, str]:
    return str(ask.width), str(ask.height), str(int(ask.crops)), str(int(ask.animated))


def places() -> list[Path]:
    """Return the folders in which Myelin and the packages are, the two that a worker imports from."""
    packages = find_spec("PIL")
    assert packages is not None and packages.origin is not None
    return [Path(__file__).parents[2], Path(packages.origin).parents[1]]
