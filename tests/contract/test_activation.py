"""A first password by a code: once, by whoever has the slip, and nobody learns whose number exists."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from tests.contract.contract import Contract, Records
from tests.contract.hospital import Hospital, hospital
from tests.contract.own import asked
from tests.databases import new_database

pytestmark = pytest.mark.skipif("MYELIN_TEST_URL" in os.environ, reason="needs a server with a directory")

PATH = "/_myelin/v1/activate"
PASSWORD = "a good password"
REFUSED = (403, "M_FORBIDDEN")


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[Hospital]:
    database_url = asyncio.run(new_database(postgres_url))
    with hospital(tmp_path_factory.mktemp("ward"), database_url, rate_limits="true") as ward:
        ward.import_people()
        yield ward


@pytest.fixture
async def server(ward: Hospital, records: Records | None) -> AsyncIterator[Contract]:
    async with httpx.AsyncClient(base_url=ward.url, timeout=60) as http:
        yield Contract(http, records)


def body(number: str, code: str, password: str = PASSWORD) -> dict[str, str]:
    return {"employee_number": number, "code": code, "password": password}


async def test_a_code_sets_a_password_once(ward: Hospital, server: Contract) -> None:
    code = ward.command("directory", "code", "0101").strip()
    weak = body("0101", code, "short")
    await asked(None, "POST", PATH, body=weak, expect=(400, "M_WEAK_PASSWORD"), contract=server)
    answer = await asked(None, "POST", PATH, body=body("0101", code), contract=server)
    assert answer["user_id"].startswith("@0101:")
    await asked(None, "POST", PATH, body=body("0101", code, "another password"), expect=REFUSED, contract=server)


async def test_a_new_code_makes_the_old_one_void(ward: Hospital, server: Contract) -> None:
    old, new = (ward.command("directory", "code", "0102").strip() for _ in range(2))
    await asked(None, "POST", PATH, body=body("0102", old), expect=REFUSED, contract=server)
    await asked(None, "POST", PATH, body=body("０１０２", new), contract=server)


async def test_nobody_learns_who_exists(ward: Hospital, server: Contract) -> None:
    code = ward.command("directory", "code", "0103").strip()
    said = [
        (await asked(None, "POST", PATH, body=body(number, wrong), expect=REFUSED, contract=server))["error"]
        for number, wrong in (
            ("0104", code),
            ("0103", "AAAA-AAAA-AAAA"),
            ("9999", code),
            ("@0103:elsewhere", code),
            ("", ""),
        )
    ]
    assert len(set(said)) == 1


async def test_a_body_that_is_none(server: Contract) -> None:
    await asked(None, "POST", PATH, body={"code": "a"}, expect=(400, "M_MISSING_PARAM"), contract=server)
    wrong = body("0101", "a") | {"code": 1}
    await asked(None, "POST", PATH, body=wrong, expect=(400, "M_BAD_JSON"), contract=server)


async def test_whoever_tries_again_and_again_must_wait(server: Contract) -> None:
    answers = [await server.http.post(PATH, json=body("0105", f"AAAA-AAAA-{number:04}")) for number in range(60)]
    assert answers[-1].status_code == 429 and answers[-1].json()["errcode"] == "M_LIMIT_EXCEEDED"
