"""What colleagues do when somebody writes: they read it, say 收到 where that is asked, and one of them answers."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Mapping

from nio import Event, MatrixRoom, MegolmEvent, RoomMessage, RoomMessageText, UnknownEvent

from myelin.bots.bot import Bot
from myelin.bots.identity import inside
from myelin.demo.answers import answer_to
from myelin.demo.hospital import CARDIOLOGY, MDT, NIGHT, SAMPLES
from myelin.demo.voice import Voice
from myelin.matrix.identifiers import localpart_of
from myelin.matrix.json import JsonObject

READ_S = 1.0
ANSWER_S = 2.0
ACKNOWLEDGE_S = 3.0
# One after the other, as people do.
STAGGER_S = 0.7

ACK_REQUEST = "org.myelin.ack.request"
# Who answers in a group where nobody is addressed.
HOSTS: Mapping[str, str] = {CARDIOLOGY: "1004", MDT: "1001", NIGHT: "1007", SAMPLES: "1004"}


class Listening:
    """Decides who reacts to what; `bots` are all colleagues, who never answer each other."""

    def __init__(self, bots: Mapping[str, Bot], voice: Voice, started_at: int) -> None:
        self._bots = bots
        self._voice = voice
        self._started_at = started_at
        self._places = {number: place for place, number in enumerate(bots)}
        # The last message of each conversation: several in a row are answered together.
        self._latest: dict[tuple[str, str], str] = {}

    def reactions(self, bot: Bot, room: MatrixRoom, event: Event) -> Iterator[Coroutine[None, None, None]]:
        """Yield what a colleague does about an event."""
        content: JsonObject = event.source.get("content", {})
        if event.server_timestamp < self._started_at:
            return
        if isinstance(event, UnknownEvent) and event.type == ACK_REQUEST and bot.user_id in names(content, "user_ids"):
            yield self._acknowledge(bot, room, inside(content, "m.relates_to").get("event_id"))
        if localpart_of(event.sender) in self._bots:
            return
        if isinstance(event, RoomMessage | MegolmEvent):
            yield self._read(bot, room, event)
        if isinstance(event, RoomMessage) and not is_edit(content) and self._is_for(bot, room, content):
            yield self._answer(bot, room, event)

    def _is_for(self, bot: Bot, room: MatrixRoom, content: JsonObject) -> bool:
        if not room.encrypted:
            return False
        mentioned = names(inside(content, "m.mentions"), "user_ids")
        present = [number for number, each in self._bots.items() if each.user_id in room.users]
        if addressed := [number for number in present if self._bots[number].user_id in mentioned]:
            return localpart_of(bot.user_id) in addressed
        host = HOSTS.get(room.name or "")
        return localpart_of(bot.user_id) == (host if host in present else present[0])

    async def _read(self, bot: Bot, room: MatrixRoom, event: Event) -> None:
        await asyncio.sleep(READ_S + self._stagger_s(bot))
        await bot.read(room.room_id, event.event_id)

    async def _answer(self, bot: Bot, room: MatrixRoom, event: RoomMessage) -> None:
        conversation = (bot.user_id, room.room_id)
        self._latest[conversation] = event.event_id
        await asyncio.sleep(ANSWER_S)
        if self._latest[conversation] != event.event_id:
            return
        answer = answer_to(event.body if isinstance(event, RoomMessageText) else None)
        if answer.reaction is not None:
            await bot.react(room.room_id, event.event_id, answer.reaction)
        if answer.text is not None:
            await self._voice.speak(bot, room.room_id, answer.text)

    async def _acknowledge(self, bot: Bot, room: MatrixRoom, event_id: object) -> None:
        await asyncio.sleep(ACKNOWLEDGE_S + 2 * self._stagger_s(bot))
        await bot.ask("PUT", f"/_myelin/v1/rooms/{room.room_id}/events/{event_id}/ack", {})

    def _stagger_s(self, bot: Bot) -> float:
        return self._places[localpart_of(bot.user_id)] * STAGGER_S


def is_edit(content: JsonObject) -> bool:
    """Whether a message only changes an earlier one."""
    return inside(content, "m.relates_to").get("rel_type") == "m.replace"


def names(content: JsonObject, key: str) -> list[object]:
    """Return a list of names; an empty one where there is none."""
    found = content.get(key)
    return [*found] if isinstance(found, list) else []
