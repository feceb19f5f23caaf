"""The stage of properties of one room: people on their devices, who do things at random through the whole server."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from tests.cores import Core, running_core
from tests.property.ward import API, in_process


class OneRoom(ABC):
    """One history as it goes on: (device, token) of each person, the owner first, and the ids of what was said.

    A property says who is there (`names`), how the room begins (`open`) and what somebody does at random (`do`).
    """

    names: Sequence[str] = ()

    def __init__(self, core: Core, http: httpx.AsyncClient, random: Random) -> None:
        self.core, self.http, self.random = core, http, random
        self.numbers = itertools.count()
        self.people: dict[str, list[tuple[str, str]]] = {}
        self.room = ""
        self.said: list[str] = []

    async def open(self) -> None:
        for name in self.names:
            self.people[(await self.core.person(name)).user_id] = [(f"DEVICE{name.upper()}", f"token of {name}")]

    @abstractmethod
    async def do(self, user_id: str) -> None:
        """Do something that this person might, chosen by `random`."""

    @property
    def owner(self) -> str:
        return next(iter(self.people))

    @property
    def place(self) -> str:
        return f"{API}/rooms/{quote(self.room)}"

    async def call(
        self, user_id: str, method: str, path: str, body: Any = None, token: str | None = None, **query: Any
    ) -> Any:
        """What the server answers, None where it refuses."""
        headers = {"Authorization": f"Bearer {token or self.random.choice(self.people[user_id])[1]}"}
        answer = await self.http.request(method, path, json=body, params=query, headers=headers)
        assert answer.status_code < 500, answer.text
        return answer.json() if answer.status_code == 200 else None

    async def send(self, user_id: str, content: dict[str, Any], event_type: str = "m.room.message") -> str | None:
        """Say something; its id, None where it is refused."""
        path = f"{self.place}/send/{event_type}/{next(self.numbers)}"
        answer = await self.call(user_id, "PUT", path, content)
        if answer is None:
            return None
        self.said.append(answer["event_id"])
        return self.said[-1]


Room = TypeVar("Room", bound=OneRoom)


@asynccontextmanager
async def history(room: type[Room], database_url: str, place: Path, seed: int, acts: int) -> AsyncIterator[Room]:
    """A room after so many random acts."""
    async with running_core(database_url, place) as core, in_process(core) as http:
        opened = room(core, http, Random(seed))
        await opened.open()
        for _ in range(acts):
            await opened.do(opened.random.choice(list(opened.people)))
        yield opened
