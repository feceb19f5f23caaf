"""A trace says what the log says: of every message, whoever asks, after any history.

Random histories of four people on six devices in one room: messages in and out of threads, syncs with short timelines,
returns to older tokens, receipts of every kind, comings and goings, keys that come late and devices that go.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from myelin.actions.sessions import NewSession, Tokens, sign_in
from tests.cores import Core
from tests.property.one_room import OneRoom, history
from tests.property.trace_oracle import trace
from tests.property.ward import API

pytestmark = [pytest.mark.database, pytest.mark.anyio]

ACTS = 140
RECEIPTS = ("m.read", "m.read", "m.read", "m.read.private")


class Ward(OneRoom):
    """One history as it goes on: the tokens that each device has had, and the root of each message in a thread."""

    names = ("wang", "li", "zhao", "chen")

    def __init__(self, core: Core, http: httpx.AsyncClient, random: Random) -> None:
        super().__init__(core, http, random)
        self.tokens: dict[str, list[str]] = {}
        self.roots: dict[str, str] = {}

    async def open(self) -> None:
        await super().open()
        for user_id in list(self.people)[:2]:
            await self.add_device(user_id)
        owner, *others = self.people
        self.room = (await self.call(owner, "POST", f"{API}/createRoom", {"preset": "public_chat"}))["room_id"]
        for user_id in others[:2]:
            await self.call(user_id, "POST", f"{self.place}/join", {})

    async def add_device(self, user_id: str) -> None:
        token = f"token {next(self.numbers)}"
        session = NewSession(device_id=f"D{next(self.numbers)}", display_name=None, tokens=Tokens(token))
        await self.core.pool.submit(sign_in(user_id, session))
        self.people[user_id].append((session.device_id or "", token))

    async def do(self, user_id: str) -> None:
        acts = [self.say, self.say, self.sync, self.sync, self.sync, self.receipt, self.receipt, self.move, self.device]
        await self.random.choice(acts)(user_id)

    async def say(self, user_id: str) -> None:
        content: dict[str, Any] = {"msgtype": "m.text", "body": "x"}
        root = self.random.choice(self.said) if self.said and self.random.random() < 0.3 else None
        if root is not None:
            root = self.roots.get(root, root)
            content["m.relates_to"] = {"rel_type": "m.thread", "event_id": root}
        event_id = await self.send(user_id, content)
        if event_id is not None and root is not None:
            self.roots[event_id] = root

    async def sync(self, user_id: str) -> None:
        device_id, token = self.random.choice(self.people[user_id])
        limit = self.random.choice([1, 2, 5, 50])
        known = self.tokens.setdefault(device_id, [])
        # Mostly where it was, sometimes back where it had been, as after a restored backup.
        since = {"since": self.random.choice(known[-1:] * 5 + known)} if known else {}
        wishes = {"filter": json.dumps({"room": {"timeline": {"limit": limit}}}), "timeout": 0, **since}
        answer = await self.call(user_id, "GET", f"{API}/sync", token=token, **wishes)
        known.append(answer["next_batch"])

    async def receipt(self, user_id: str) -> None:
        if not self.said:
            return
        event_id = self.random.choice(self.said[-6:])
        threads = [{}, {"thread_id": "main"}, {"thread_id": self.roots.get(event_id, event_id)}]
        path = f"{self.place}/receipt/{self.random.choice(RECEIPTS)}/{quote(event_id)}"
        await self.call(user_id, "POST", path, self.random.choice(threads))

    async def move(self, user_id: str) -> None:
        if user_id == self.owner:
            return
        act = self.random.choice(["join", "join", "leave", "invite"])
        if act == "invite":
            await self.call(self.owner, "POST", f"{self.place}/invite", {"user_id": user_id})
        else:
            await self.call(user_id, "POST", f"{self.place}/{act}", {})

    async def device(self, user_id: str) -> None:
        device_id, token = self.random.choice(self.people[user_id])
        act = self.random.choice(["keys", "keys", "add", "remove"])
        if act == "add" and len(self.people[user_id]) < 3:
            await self.add_device(user_id)
        elif act == "remove" and len(self.people[user_id]) > 1:
            self.people[user_id].remove((device_id, token))
            await self.call(user_id, "POST", f"{API}/logout", {}, token=token)
        elif act == "keys":
            keys = {
                "user_id": user_id,
                "device_id": device_id,
                "algorithms": [],
                "keys": {f"ed25519:{device_id}": "a" * 43},
                "signatures": {user_id: {f"ed25519:{device_id}": "a" * 86}},
            }
            await self.call(user_id, "POST", f"{API}/keys/upload", {"device_keys": keys}, token=token)


@pytest.mark.parametrize("seed", range(6))
async def test_a_trace_is_what_the_log_says(database_url: str, tmp_path: Path, seed: int) -> None:
    async with history(Ward, database_url, tmp_path, seed, ACTS) as ward:
        core = ward.core
        await core.built.deliveries.flush()
        await core.built.receipts.flush()
        log = await core.log()
        compared = 0
        for event_id, asker in itertools.product(ward.said, ward.people):
            path = f"/_myelin/v1/rooms/{quote(ward.room)}/events/{quote(event_id)}/trace"
            answer = await ward.call(asker, "GET", path)
            if answer is not None:
                assert answer == trace(log, event_id, asker)
                compared += 1
        assert compared > len(ward.said)
