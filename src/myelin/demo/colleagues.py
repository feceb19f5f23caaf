"""`python -m myelin.demo.colleagues URL SERVER_NAME FOLDER`: the demo's colleagues, until standard input ends.

A process of its own: clients of the server like any other, whose faults are theirs alone. It prints one line when
everybody is there. Standard input is held open by the demo; whatever ends the demo ends this.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Coroutine
from pathlib import Path

import aiohttp
from nio import Event, MatrixRoom
from nio.exceptions import ProtocolError

from myelin.bots.bot import Bot, BotError
from myelin.demo.company import READY
from myelin.demo.greeting import LOOK_S, Greeted, Greeting
from myelin.demo.hospital import COLLEAGUES, PASSWORD
from myelin.demo.listening import Listening
from myelin.demo.voice import Voice
from myelin.matrix.identifiers import user_id

# What one colleague may fail at without the others' notice: a room that was left, a server that stops.
STUMBLES = (BotError, ProtocolError, aiohttp.ClientError, TimeoutError)

logger = logging.getLogger(__name__)


class Ward:
    """Everybody at work, in one group of tasks."""

    def __init__(self, bots: dict[str, Bot], greeting: Greeting, listening: Listening) -> None:
        self._bots = bots
        self._greeting = greeting
        self._listening = listening

    async def work(self, tasks: asyncio.TaskGroup) -> None:
        """Listen, and greet whoever comes, until cancelled."""

        async def heard(bot: Bot, room: MatrixRoom, event: Event) -> None:
            for reaction in self._listening.reactions(bot, room, event):
                tasks.create_task(unharmed(reaction))

        for bot in self._bots.values():
            tasks.create_task(bot.listen(heard))
        while True:
            await unharmed(self._greet(tasks))
            await asyncio.sleep(LOOK_S)

    async def _greet(self, tasks: asyncio.TaskGroup) -> None:
        for newcomer in await self._greeting.newcomers():
            tasks.create_task(unharmed(self._greeting.play(newcomer)))


async def unharmed(deed: Coroutine[None, None, None]) -> None:
    """Do something; what goes wrong with it is noted, and is nobody else's trouble."""
    try:
        await deed
    except STUMBLES as fault:
        logger.warning("a colleague stumbled: %s %s", type(fault).__name__, fault)


async def main(url: str, server_name: str, folder: Path) -> None:
    """Have everybody arrive and work until standard input ends."""
    bots = {number: Bot(url, user_id(number, server_name), folder / number) for number in COLLEAGUES}
    voice = Voice()
    greeting = Greeting(bots, voice, Greeted(folder / "greeted.json"), server_name, clock_ms)
    ward = Ward(bots, greeting, Listening(bots, voice, clock_ms()))
    try:
        for bot in bots.values():
            await bot.arrive(PASSWORD)
        sys.stdout.buffer.write(READY)
        sys.stdout.flush()
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(work_until_told(ward))
            await end_of_input()
            working.cancel()
    finally:
        for bot in bots.values():
            await bot.leave()


async def work_until_told(ward: Ward) -> None:
    """Work in a group of tasks that ends with this one."""
    async with asyncio.TaskGroup() as tasks:
        await ward.work(tasks)


async def end_of_input() -> None:
    """Return when nobody holds standard input open any more."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


def clock_ms() -> int:
    """Return the time of day."""
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    place = Path(sys.argv[3])
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    logging.basicConfig(filename=place / "colleagues.log", level=logging.WARNING)
    # It warns of every device that it has not written to before.
    logging.getLogger("nio").setLevel(logging.ERROR)
    try:
        asyncio.run(main(sys.argv[1], sys.argv[2], place))
    except Exception:
        # The terminal is the demo's, which says where this is.
        logger.exception("the colleagues have left")
        sys.exit(1)
