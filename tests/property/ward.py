"""The stage of the property of `/sync`: a ward of people on their devices, and two processes that serve them."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from myelin.actions.sender import Sender
from myelin.actions.sessions import NewSession, Tokens, sign_in
from myelin.http.application import Application
from myelin.http.routes import Routes
from myelin.main import edge_of, routes_of
from tests.cores import Core, running_core
from tests.in_process import InProcess
from tests.property.sync_client import Client, Event

API = "/_matrix/client/v3"
PEOPLE, ROOMS = range(3), range(2)
# (person, where state is asked for, lazy): one person has two devices.
DEVICES = (
    (0, "state", False),
    (1, "state_after", False),
    (1, "state", True),
    (2, "org.matrix.msc4222.state_after", True),
)
STATE_WISHES: dict[str, dict[str, Any]] = {
    "state": {},
    "state_after": {"use_state_after": "true"},
    "org.matrix.msc4222.state_after": {"org.matrix.msc4222.use_state_after": "true"},
}


def in_process(core: Core) -> httpx.AsyncClient:
    """Return a client of the whole server but for its socket."""
    application = Application(Routes(routes_of(core.built)), edge_of(core.built))
    return httpx.AsyncClient(transport=InProcess(application), base_url="http://hospital.test")


@dataclass
class Process:
    """One of the processes that serve the log."""

    running: AbstractAsyncContextManager[Core]
    core: Core
    http: httpx.AsyncClient

    async def stop(self) -> None:
        await self.http.aclose()
        await self.running.__aexit__(None, None, None)


@dataclass
class Site:
    """Two processes on one database."""

    database_url: str
    folder: Path
    processes: list[Process] = field(default_factory=list)

    async def start(self) -> Process:
        running = running_core(self.database_url, self.folder)
        core = await running.__aenter__()
        return Process(running, core, in_process(core))

    async def open(self) -> None:
        self.processes = [await self.start(), await self.start()]

    async def restart(self, index: int) -> None:
        await self.processes[index].stop()
        self.processes[index] = await self.start()

    async def close(self) -> None:
        for process in self.processes:
            await process.stop()


@dataclass
class Device:
    """A device, its client, and the backups that were made of it."""

    person: int
    token: str
    client: Client
    backups: list[Client] = field(default_factory=list)


@dataclass
class Ward:
    """The people, rooms and devices of one history."""

    site: Site
    people: list[Sender]
    devices: list[Device]
    rooms: list[str] = field(default_factory=list)
    said: dict[str, list[str]] = field(default_factory=dict)
    transactions: Iterator[int] = field(default_factory=itertools.count)
    process: int = 0
    _asked: httpx.AsyncClient | None = None

    @property
    def core(self) -> Core:
        return self.site.processes[self.process].core

    @property
    def http(self) -> httpx.AsyncClient:
        return self._asked or self.site.processes[self.process].http

    @http.setter
    def http(self, asked: httpx.AsyncClient | None) -> None:
        self._asked = asked

    async def call(self, token: str, method: str, path: str, body: Event | None = None, **query: Any) -> Any:
        """Return the body of a successful answer, None where the server refuses."""
        headers = {"Authorization": f"Bearer {token}"}
        response = await self.http.request(method, API + path, json=body, params=query, headers=headers)
        assert response.status_code < 500, f"{method} {path}: {response.text}"
        return response.json() if response.status_code == 200 else None

    def token(self, person: int) -> str:
        return next(device.token for device in self.devices if device.person == person)

    async def act(self, person: int, method: str, path: str, body: Event | None = None) -> Any:
        return await self.call(self.token(person), method, path, body if body is not None else {})

    def place(self, room: int) -> str:
        return f"/rooms/{quote(self.rooms[room])}"


async def sync(ward: Ward, device: Device, limit: int, is_lost: bool = False) -> None:
    client = device.client
    room = {"timeline": {"limit": limit}, "state": {"lazy_load_members": client.is_lazy}}
    wishes = {**STATE_WISHES[client.state_name], "filter": json.dumps({"room": room}), "timeout": 0}
    since: dict[str, Any] = {"since": client.since} if client.since is not None else {}
    answer = await ward.call(device.token, "GET", "/sync", **wishes, **since)
    assert answer is not None
    if not is_lost:
        client.take(answer)
        device.backups.append(copy.deepcopy(client))


async def opened(site: Site, numbers: Iterator[int]) -> Ward:
    """Return new people on their devices, and two rooms, one of them with everybody."""
    number, core = next(numbers), site.processes[0].core
    people = [await core.person(f"person{number}-{index}") for index in PEOPLE]
    ward = Ward(site, people, [])
    for index, (person, state_name, is_lazy) in enumerate(DEVICES):
        token, user_id = f"token {number}-{index}", people[person].user_id
        session = NewSession(device_id=f"DEVICE{index}", display_name=None, tokens=Tokens(token))
        await core.pool.submit(sign_in(user_id, session))
        ward.devices.append(Device(person, token, Client(state_name, is_lazy)))
    for _ in ROOMS:
        ward.rooms.append((await ward.act(0, "POST", "/createRoom", {"preset": "public_chat"}))["room_id"])
        ward.said[ward.rooms[-1]] = []
    for person, room in ((1, 0), (1, 1), (2, 0)):
        await ward.act(person, "POST", f"{ward.place(room)}/join")
    return ward
