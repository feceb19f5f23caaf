"""The colleagues' process: started beside the server, and gone when the server is."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

READY = b"ready\n"
ARRIVAL_S = 120
LEAVING_S = 5


def are_installed() -> bool:
    """Whether there is what the colleagues need, which only the demo does."""
    return find_spec("nio") is not None


@asynccontextmanager
async def company(url: str, server_name: str, folder: Path) -> AsyncIterator[Process]:
    """Yield once the colleagues are there, or have failed, of which their log tells."""
    arguments = (sys.executable, "-m", "myelin.demo.colleagues", url, server_name, str(folder))
    # In a session of its own: Ctrl-C in the terminal is for the server, which tells them. Were it killed, they would
    # find their standard input ended.
    process = await asyncio.create_subprocess_exec(*arguments, stdin=PIPE, stdout=PIPE, start_new_session=True)
    try:
        await arrival(process)
        yield process
    finally:
        await leave(process)


async def arrival(process: Process) -> None:
    """Wait for the colleagues' one line, which does not come where they fail."""
    assert process.stdout is not None
    with suppress(TimeoutError):
        async with asyncio.timeout(ARRIVAL_S):
            await process.stdout.readline()


async def leave(process: Process) -> None:
    """Let the colleagues go; not for ever."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(LEAVING_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
