"""The server of the stories and the people who sign in to it."""

import itertools
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.contract import Answer, Contract, Records
from tests.contract.people import SPOKEN, Account, identifier

RECORDS = Path(__file__).resolve().parents[2] / "build" / "contract"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.contract)


@dataclass
class Homeserver:
    """A running homeserver, seen from outside."""

    base_url: str
    contract: Contract
    unused: Iterator[str]

    def username(self, name: str) -> str:
        """A user name nobody has taken in this run or, on a server that outlives it, in an earlier one."""
        return f"{SPOKEN.get(name, name)}-{next(self.unused)}"

    async def call(self, operation_id: str, **arguments: Any) -> Answer:
        return await self.contract.call(operation_id, **arguments)

    async def register(self, name: str, **wishes: Any) -> Account:
        """A new account, signed in on its first device."""
        username, password = self.username(name), f"password of {name}"
        body = {"username": username, "password": password, **wishes}
        session = (await self.call("register", body=body, expect=401))["session"]
        auth = {"type": "m.login.dummy", "session": session}
        answer = await self.call("register", body={**body, "auth": auth})
        return self.account(answer, password)

    async def login(self, account: Account, **wishes: Any) -> Account:
        """The same person on another device."""
        body = {"type": "m.login.password", "identifier": identifier(account.user_id), "password": account.password}
        return self.account(await self.call("login", body={**body, **wishes}), account.password)

    def account(self, answer: Answer, password: str) -> Account:
        return Account(self.contract, answer["user_id"], answer["access_token"], answer["device_id"], password)


@pytest.fixture(scope="session")
def unused() -> Iterator[str]:
    run = secrets.token_hex(3)
    return (f"{run}-{number}" for number in itertools.count())


@pytest.fixture(scope="session")
def records() -> Records | None:
    """Only what Myelin itself answered counts; a run against another server leaves no record."""
    return None if "MYELIN_TEST_URL" in os.environ else Records(RECORDS)


@pytest.fixture
async def server(myelin_url: str, unused: Iterator[str], records: Records | None) -> AsyncIterator[Homeserver]:
    async with httpx.AsyncClient(base_url=myelin_url, timeout=60) as http:
        yield Homeserver(myelin_url, Contract(http, records), unused)


@pytest.fixture
async def wang(server: Homeserver) -> Account:
    return await server.register("王护士")


@pytest.fixture
async def li(server: Homeserver) -> Account:
    return await server.register("李医生")


@pytest.fixture
async def zhao(server: Homeserver) -> Account:
    return await server.register("赵主任")
