"""How a colleague speaks: seen typing first, and never two of them at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from myelin.bots.bot import Bot
from myelin.matrix.json import JsonObject

# After each message of anybody.
PAUSE_S = 1.0
CHARACTERS_PER_S = 20
LONGEST_TYPING_S = 2.5


class Voice:
    """Speaks for every colleague, so that together they never flood."""

    def __init__(self) -> None:
        self._floor = asyncio.Lock()

    async def speak(
        self, bot: Bot, room_id: str, text: str, relation: JsonObject | None = None, mentioned: Sequence[str] = ()
    ) -> str:
        """Type, say, and return the message's id."""
        typing_s = min(len(text) / CHARACTERS_PER_S, LONGEST_TYPING_S)
        await bot.types(room_id, round(typing_s * 1000) + 1000)
        await asyncio.sleep(typing_s)
        async with self._floor:
            event_id = await bot.say(room_id, text, relation, mentioned)
            await asyncio.sleep(PAUSE_S)
        return event_id
