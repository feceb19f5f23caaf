"""What relates to an event is told alike wherever the event is shown, and as the whole log tells it.

Random histories of three people in one room: messages, edits of one's own and of others, reactions, references, threads
and redactions, while each of them comes and goes, reads by /sync, from memory or from the database, and ignores
somebody or not. Whoever was away does not see what was said meanwhile, not even bundled with what they saw.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.cores import Core
from tests.property.one_room import OneRoom, history
from tests.property.relations_oracle import Bundle, bundle, threads
from tests.property.ward import API

pytestmark = [pytest.mark.database, pytest.mark.anyio]

V1 = "/_matrix/client/v1"
ACTS = 120
FAR_BACK = json.dumps({"room": {"timeline": {"limit": 60}}})
RELATIONS = ("m.replace", "m.replace", "m.thread", "m.thread", "m.reference", "m.annotation")


class Ward(OneRoom):
    """One history as it goes on: up to where each person has read, who is away, and whom they ignore."""

    names = ("wang", "li", "zhao")

    def __init__(self, core: Core, http: httpx.AsyncClient, random: Random) -> None:
        super().__init__(core, http, random)
        self.since: dict[str, str] = {}
        self.ignored: dict[str, set[str]] = {}
        self.away: set[str] = set()

    async def open(self) -> None:
        await super().open()
        owner, *others = self.people
        power = {"users": {owner: 100, others[0]: 50}}
        visibility = {"type": "m.room.history_visibility", "content": {"history_visibility": "joined"}}
        wishes = {
            "preset": "public_chat",
            "room_version": "11",
            "power_level_content_override": power,
            "initial_state": [visibility],
        }
        self.room = (await self.call(owner, "POST", f"{API}/createRoom", wishes))["room_id"]
        for user_id in others:
            await self.call(user_id, "POST", f"{self.place}/join", {})
        self.ignored = {user_id: set() for user_id in self.people}
        ignoring: dict[str, Any] = {"ignored_users": {others[0]: {}}}
        await self.call(others[1], "PUT", f"{API}/user/{others[1]}/account_data/m.ignored_user_list", ignoring)
        self.ignored[others[1]] = {others[0]}

    async def do(self, user_id: str) -> None:
        acts = [self.say, *[self.relate] * 5, self.redact, self.read, self.move]
        await self.random.choice(acts)(user_id)

    async def say(self, user_id: str) -> None:
        await self.send(user_id, {"msgtype": "m.text", "body": "x"})

    async def relate(self, user_id: str) -> None:
        if not self.said:
            return
        rel_type = self.random.choice(RELATIONS)
        # Mostly among the latest, so that many relate to one.
        parent = self.random.choice(self.said[-8:])
        relation: dict[str, Any] = {"rel_type": rel_type, "event_id": parent}
        if rel_type == "m.annotation":
            relation["key"] = self.random.choice("👍收")
        content = {"msgtype": "m.text", "body": "y", "m.relates_to": relation}
        if self.random.random() < 0.7:
            content["m.new_content"] = {"msgtype": "m.text", "body": "z"}
        event_type = "m.reaction" if rel_type == "m.annotation" else self.random.choice(["m.room.message", "org.note"])
        await self.send(user_id, content, event_type)

    async def redact(self, user_id: str) -> None:
        if self.said and self.random.random() < 0.5:
            target = quote(self.random.choice(self.said[-12:]), safe="")
            await self.call(user_id, "PUT", f"{self.place}/redact/{target}/{next(self.numbers)}", {})

    async def move(self, user_id: str) -> None:
        """Whoever is there goes, whoever is not comes back and looks; the owner stays."""
        if user_id == self.owner:
            return
        act = "join" if user_id in self.away else "leave"
        await self.call(user_id, "POST", f"{self.place}/{act}", {})
        self.away ^= {user_id}
        if act == "join":
            await self.read(user_id)

    async def read(self, user_id: str) -> None:
        """Whatever /sync shows is as the log has it at that moment."""
        if self.random.random() < 0.3:
            # As after a restart: what is not in memory is read from the database.
            for tail in self.core.built.tails._rooms.values():
                tail.empty()
        # As on a new device now and then, and far back: to before the person was away.
        since = {"since": self.since[user_id]} if user_id in self.since and self.random.random() < 0.6 else {}
        answer = await self.call(user_id, "GET", f"{API}/sync", timeout=0, filter=FAR_BACK, **since)
        self.since[user_id] = answer["next_batch"]
        room = answer.get("rooms", {}).get("join", {}).get(self.room, {"timeline": {"events": []}})
        await self.check(user_id, [event for event in room["timeline"]["events"] if "state_key" not in event])

    async def check(self, user_id: str, events: list[dict[str, Any]]) -> None:
        of_room = [entry for entry in await self.core.log() if entry.room_id == self.room]
        for event in events:
            expected = bundle(of_room, event["event_id"], user_id, self.ignored[user_id])
            assert told(event) == expected, event

    async def check_all(self) -> None:
        """Whoever asks, wherever an event is shown, it says the same; the threads are those that there are."""
        of_room = [entry for entry in await self.core.log() if entry.room_id == self.room]
        for user_id in self.people:
            page = await self.call(user_id, "GET", f"{self.place}/messages", dir="b", limit=1000)
            await self.check(user_id, [event for event in page["chunk"] if "state_key" not in event])
            for event_id in self.said[-5:]:
                name = quote(event_id, safe="")
                shown = await self.call(user_id, "GET", f"{self.place}/event/{name}")
                around = await self.call(user_id, "GET", f"{self.place}/context/{name}", limit=0)
                assert (shown is None) == (around is None)
                await self.check(user_id, [shown, around["event"]] if shown is not None else [])
            roots = [event async for event in self.all_threads(user_id)]
            await self.check(user_id, roots)
            assert {event["event_id"] for event in roots} == threads(of_room, user_id, self.ignored[user_id])

    async def all_threads(self, user_id: str) -> Any:
        query: dict[str, Any] = {"limit": 2}
        while True:
            page = await self.call(user_id, "GET", f"{V1}/rooms/{quote(self.room)}/threads", **query)
            for event in page["chunk"]:
                yield event
            if "next_batch" not in page:
                return
            query["from"] = page["next_batch"]


def told(event: dict[str, Any]) -> Bundle:
    """What an answer bundles with an event, in the oracle's words."""
    relations = event["unsigned"].get("m.relations", {})
    found: Bundle = {}
    if "m.replace" in relations:
        found["m.replace"] = relations["m.replace"]["event_id"]
    if "m.thread" in relations:
        thread = relations["m.thread"]
        latest = thread["latest_event"]
        edit = latest["unsigned"].get("m.relations", {}).get("m.replace", {}).get("event_id")
        found["m.thread"] = (latest["event_id"], edit, thread["count"], thread["current_user_participated"])
    if "m.reference" in relations:
        found["m.reference"] = [each["event_id"] for each in relations["m.reference"]["chunk"]]
    return found


@pytest.mark.parametrize("seed", range(8))
async def test_relations_are_told_as_the_log_tells_them(database_url: str, tmp_path: Path, seed: int) -> None:
    async with history(Ward, database_url, tmp_path, seed, ACTS) as ward:
        await ward.check_all()
