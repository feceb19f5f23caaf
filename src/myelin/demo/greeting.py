"""The scene that is played for a newcomer as soon as their device can read it, once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from myelin.bots.bot import Bot, BotError
from myelin.demo.scenes import DIRECT, SCENES, Line, Reaction
from myelin.demo.voice import Voice
from myelin.matrix.identifiers import localpart_of, user_id
from myelin.matrix.json import JsonObject

LOOK_S = 1.5
# A browser that makes its keys for the first time on a busy machine.
JOIN_PATIENCE_S = 60
HOUR_MS = 3_600_000

Said = list[tuple[str, str]]
"""Room and event of each line of a scene so far."""


class Greeted:
    """Whom the colleagues have greeted: a restart does not begin again."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._numbers = msgspec.json.decode(file.read_bytes(), type=set[str]) if file.exists() else set[str]()

    def __contains__(self, number: str) -> bool:
        return number in self._numbers

    def add(self, number: str) -> None:
        """Remember somebody."""
        self._numbers.add(number)
        unfinished = self._file.with_suffix(".unfinished")
        unfinished.write_bytes(msgspec.json.encode(sorted(self._numbers)))
        unfinished.rename(self._file)


class Greeting:
    """Looks for newcomers and has the colleagues play; `clock_ms` is the time of day."""

    def __init__(
        self, bots: Mapping[str, Bot], voice: Voice, greeted: Greeted, server_name: str, clock_ms: Callable[[], int]
    ) -> None:
        self._bots = bots
        self._voice = voice
        self._greeted = greeted
        self._server_name = server_name
        self._clock_ms = clock_ms

    async def newcomers(self) -> list[str]:
        """Return who has a device that its owner has signed, and was not greeted yet; they count as greeted now."""
        waiting = [user_id(number, self._server_name) for number in SCENES if number not in self._greeted]
        if not waiting:
            return []
        devices = await next(iter(self._bots.values())).signed_devices(waiting)
        found = [name for name in waiting if devices[name]]
        for name in found:
            self._greeted.add(localpart_of(name))
        return found

    async def play(self, newcomer: str) -> None:
        """Play a newcomer's scene, line after line."""
        scene, said = SCENES[localpart_of(newcomer)], Said()
        for number in {line.by for line in scene}:
            await self._bots[number].look_again([newcomer])
        for line in scene:
            said.append(await self._perform(line, newcomer, said))

    async def _perform(self, line: Line | Reaction, newcomer: str, said: Said) -> tuple[str, str]:
        bot = self._bots[line.by]
        if isinstance(line, Reaction):
            await bot.react(*said[line.to], line.key)
            return said[line.to]
        room_id = await self._direct(bot, newcomer) if line.room == DIRECT else group(bot, line.room)
        answered: JsonObject | None = None
        if line.answers is not None:
            answered = {"m.in_reply_to": {"event_id": said[line.answers][1]}}
        mentioned = [user_id(number, self._server_name) for number in line.mentions]
        event_id = await self._voice.speak(bot, room_id, line.text, answered, mentioned)
        if line.asks_h:
            wish: JsonObject = {"everybody": True, "until": self._clock_ms() + line.asks_h * HOUR_MS}
            await bot.ask("PUT", f"/_myelin/v1/rooms/{room_id}/events/{event_id}/ack_request", wish)
        return room_id, event_id

    async def _direct(self, bot: Bot, newcomer: str) -> str:
        room_id = await bot.direct_room(newcomer)
        # Whoever has not joined yet would not be given the keys of what is said.
        async with asyncio.timeout(JOIN_PATIENCE_S):
            await bot.until(lambda: bot.is_joined(room_id, newcomer))
        return room_id


def group(bot: Bot, name: str) -> str:
    """Return a group that a colleague is in, by its name."""
    for room in bot.client.rooms.values():
        if room.name == name:
            return str(room.room_id)
    raise BotError(f"{bot.user_id} is in no such group")
