"""A server goes on answering while its projections are exchanged beneath it, prepared statements and all."""

import asyncio
from pathlib import Path

import httpx
import pytest

from myelin.audit.check import check_log
from myelin.audit.rebuild import rebuild_projections
from tests.databases import new_database
from tests.servers import free_port, running, settings

pytestmark = [pytest.mark.database, pytest.mark.anyio]

REBUILDS = 3
REGISTRATION = {"auth": {"type": "m.login.dummy"}, "username": "wang", "password": "one of a test"}


class Ward:
    """A client in one room, and what it has sent."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.sent: list[str] = []
        self.is_over = False
        self.room_id = ""

    async def begin(self) -> None:
        registered = await self.ask("POST", "/register", REGISTRATION)
        self.client.headers["authorization"] = f"Bearer {registered['access_token']}"
        self.room_id = str((await self.ask("POST", "/createRoom", {"preset": "public_chat"}))["room_id"])

    async def ask(self, method: str, path: str, body: object = None) -> dict[str, object]:
        answer = await self.client.request(method, path, json=body)
        assert answer.status_code == 200, f"{method} {path}: {answer.text}"
        found: dict[str, object] = answer.json()
        return found

    async def speak(self) -> None:
        while not self.is_over:
            number = len(self.sent)
            path = f"/rooms/{self.room_id}/send/m.room.message/{number}"
            answer = await self.ask("PUT", path, {"msgtype": "m.text", "body": str(number)})
            self.sent.append(str(answer["event_id"]))

    async def look(self) -> None:
        room = f"/rooms/{self.room_id}"
        while not self.is_over:
            for path in (f"{room}/messages?dir=b", f"{room}/members", f"{room}/state", "/sync", "/devices"):
                await self.ask("GET", path)
            await self.ask("PUT", f"{room}/state/m.room.name", {"name": str(len(self.sent))})

    async def history(self) -> list[str]:
        """The ids of all messages, oldest first, paged backwards."""
        found: list[str] = []
        page = await self.ask("GET", f"/rooms/{self.room_id}/messages?dir=b&limit=100")
        while True:
            chunk = page["chunk"]
            assert isinstance(chunk, list)
            found += [event["event_id"] for event in chunk if event["type"] == "m.room.message"]
            if "end" not in page:
                return found[::-1]
            page = await self.ask("GET", f"/rooms/{self.room_id}/messages?dir=b&limit=100&from={page['end']}")


async def exchange(ward: Ward, url: str) -> None:
    for _ in range(REBUILDS):
        count = len(ward.sent)
        assert (await rebuild_projections(url)).is_exchanged
        assert len(ward.sent) > count
    ward.is_over = True


async def test_nobody_notices_that_projections_are_exchanged(tmp_path: Path, postgres_url: str) -> None:
    url, port, output = await new_database(postgres_url), free_port(), tmp_path / "output"
    with running(settings(tmp_path / "data", port, url), output):
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/_matrix/client/v3", timeout=30) as client:
            ward = Ward(client)
            await ward.begin()
            async with asyncio.TaskGroup() as tasks:
                for story in (ward.speak(), ward.look(), exchange(ward, url)):
                    tasks.create_task(story)
            assert await ward.history() == ward.sent
    assert "Traceback" not in output.read_text()
    assert (await check_log(url)).is_whole
