"""A server for a topic: embedded PostgreSQL, open registration, no rate limits; and its command line."""

from __future__ import annotations

import asyncio
import math
import os
import sys
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from bench.launch.myelin import StartedMyelin
from bench.launch.running import DOMAIN
from bench.machine import cores

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import httpx


# The slowest that a topic does is the import of a large directory.
COMMAND_S = 600


class CommandFailed(Exception):
    """`myelin …` did not do it; the message is what it said."""


class Site(msgspec.Struct, frozen=True):
    """A running server: where it answers, its process, and what a command beside it must know."""

    url: str
    pid: int
    environment: Mapping[str, str]

    async def command(self, *arguments: str, stdin: bytes = b"") -> str:
        """Return what `myelin ARGUMENTS` printed, beside the running server. It gives way to the load on its core."""
        running = await asyncio.create_subprocess_exec(
            *("nice", "-n", "10"),
            sys.executable,
            "-m",
            "myelin",
            *arguments,
            env={**os.environ, **self.environment},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            said, complained = await asyncio.wait_for(running.communicate(stdin), COMMAND_S)
        except TimeoutError:
            running.kill()
            raise CommandFailed(f"`myelin {' '.join(arguments)}` did not end within {COMMAND_S} s") from None
        if running.returncode != 0:
            raise CommandFailed(complained.decode()[-2000:])
        return said.decode()


@contextmanager
def site(place: Path, **wishes: str) -> Iterator[Site]:
    """A server in this directory with settings as wished (`recall_limit="1h"`), on the core that is the server's."""
    with site_on(cores(), place, wishes) as started:
        yield started


@contextmanager
def site_on(
    pinned: tuple[int | None, int | None], place: Path, wishes: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Site]:
    """A server on the first of two cores, and the load on the second; None leaves the choice to the system."""
    server_core, load_core = pinned
    settings = {f"MYELIN_{name.upper()}": value for name, value in wishes.items()}
    started = StartedMyelin(place, server_core, honest_passwords=False, wishes=settings)
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, before if load_core is None else {load_core})
        target = started.target
        yield Site(f"http://{target.host}:{target.port}", target.pid, started.environment)
    finally:
        os.sched_setaffinity(0, before)
        started.stop()


async def registered(client: httpx.AsyncClient, name: str) -> str:
    """The access token of a new account; `client` has the site's url as its base."""
    asked = {"username": name, "password": f"{name} of {DOMAIN}", "auth": {"type": "m.login.dummy"}}
    answer = await client.post("/_matrix/client/v3/register", json=asked)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that this share (0 to 1) of all values does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
