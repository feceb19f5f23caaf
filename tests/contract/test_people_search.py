"""Looking colleagues up: the departments, one person, a search; by our own endpoints and by the specification's."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote

import httpx
import pytest

from tests.contract.conftest import Homeserver
from tests.contract.contract import Contract, Records
from tests.contract.hospital import Hospital, hospital
from tests.contract.own import own
from tests.contract.people import Account, identifier
from tests.databases import new_database
from tests.servers import SERVER_NAME

pytestmark = pytest.mark.skipif("MYELIN_TEST_URL" in os.environ, reason="needs a server with a directory")


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[Hospital]:
    database_url = asyncio.run(new_database(postgres_url))
    with hospital(tmp_path_factory.mktemp("ward"), database_url) as ward:
        ward.import_people()
        yield ward


@pytest.fixture
async def server(ward: Hospital, unused: Iterator[str], records: Records | None) -> AsyncIterator[Homeserver]:
    async with httpx.AsyncClient(base_url=ward.url, timeout=60) as http:
        yield Homeserver(ward.url, Contract(http, records), unused)


@pytest.fixture
async def shan(ward: Hospital, server: Homeserver) -> Account:
    password = ward.give_password("0101")
    body = {"type": "m.login.password", "identifier": identifier("0101"), "password": password}
    return server.account(await server.call("login", body=body), password)


def of(number: str) -> str:
    return f"@{number}:{SERVER_NAME}"


async def found(account: Account, search: str, **query: str) -> list[str]:
    answer = await own(account, "GET", "/directory/people", query={"search": search, **query})
    return [person["name"] for person in answer["people"]]


async def found_by_specification(account: Account, term: str, **wishes: int) -> list[str]:
    answer = await account.call("searchUserDirectory", body={"search_term": term, **wishes})
    return [result["user_id"] for result in answer["results"]]


async def test_a_person_is_shown_whole(shan: Account) -> None:
    expected = {
        "user_id": of("0103"),
        "employee_number": "0103",
        "name": "欧阳雪",
        "department": "内科系统/心内科",
        "title": "护师",
        "profession": "护",
        "display_name": "心内科-护师-欧阳雪",
        "phone": "8003",
    }
    assert (await own(shan, "GET", f"/directory/people/{quote(of('0103'))}")).body == expected
    assert (await own(shan, "GET", "/directory/people", query={"search": "ouyang"}))["people"] == [expected]


async def test_departments_are_a_tree_with_counts(shan: Account) -> None:
    departments = (await own(shan, "GET", "/directory/departments"))["departments"]
    by_path = {each["path"]: each for each in departments}
    heart, medicine = by_path["内科系统/心内科"], by_path["内科系统"]
    assert (heart["name"], heart["parent_id"]) == ("心内科", medicine["department_id"])
    assert (heart["people"], medicine["people"], medicine["people_below"]) == (3, 0, 3)
    assert by_path["重症医学科"]["people"] == 1
    assert list(by_path) == sorted(by_path)


async def test_people_are_found_by_what_colleagues_type(shan: Account) -> None:
    assert await found(shan, "qiu") == await found(shan, "0102") == await found(shan, "qz") == ["仇曾"]
    assert await found(shan, "心内科") == ["欧阳雪", "仇曾"]
    assert await found(shan, "xinnei", limit="1") == ["欧阳雪"]
    assert await found(shan, "nobody") == await found(shan, " ") == []
    # Nobody looks for themselves.
    assert await found(shan, "shan") == []


async def test_a_department_lists_who_works_there(shan: Account) -> None:
    departments = (await own(shan, "GET", "/directory/departments"))["departments"]
    medicine = next(each["department_id"] for each in departments if each["path"] == "内科系统")
    answer = await own(shan, "GET", "/directory/people", query={"department": medicine})
    assert [each["name"] for each in answer["people"]] == ["欧阳雪", "仇曾", "单小明"]
    answer = await own(shan, "GET", "/directory/people", query={"department": "重症医学科"})
    assert [each["name"] for each in answer["people"]] == ["欧阳雪"]
    assert await found(shan, "q", department="内科系统/心内科") == ["仇曾"]
    missing = {"department": "no such"}
    await own(shan, "GET", "/directory/people", query=missing, expect=(404, "M_NOT_FOUND"))


async def test_what_nobody_types_is_refused(shan: Account) -> None:
    for query in ({"search": "x" * 50_000}, {"search": "a", "limit": "0"}, {"search": "a", "limit": "a.*"}):
        await own(shan, "GET", "/directory/people", query=query, expect=(400, "M_INVALID_PARAM"))
    await own(shan, "GET", "/directory/people", query={"search": "x" * 201}, expect=(400, "M_INVALID_PARAM"))
    await own(shan, "GET", "/directory/people", expect=(400, "M_MISSING_PARAM"))
    body = {"search_term": "x" * 100_000}
    await shan.call("searchUserDirectory", body=body, expect=(400, "M_INVALID_PARAM"))
    await shan.call("searchUserDirectory", body={"search_term": 1}, expect=(400, "M_BAD_JSON"))
    await shan.call("searchUserDirectory", body={"search_term": "a", "limit": -1}, expect=(400, "M_BAD_JSON"))
    assert await found(shan, ".*") == await found(shan, "%_") == await found(shan, "\\x00") == []
    assert await found(shan, "(a+)+$") == await found(shan, "a")


async def test_whoever_is_not_signed_in_is_told_nothing(server: Homeserver, ward: Hospital) -> None:
    async with httpx.AsyncClient(base_url=ward.url) as http:
        for path in ("departments", "people?search=qiu", f"people/{quote(of('0101'))}"):
            assert (await http.get(f"/_myelin/v1/directory/{path}")).status_code == 401
    await server.call("searchUserDirectory", body={"search_term": "qiu"}, expect=(401, "M_MISSING_TOKEN"))


async def test_the_specifications_search_answers_from_the_same_place(shan: Account) -> None:
    answer = await shan.call("searchUserDirectory", body={"search_term": "xinnei", "limit": 1})
    assert (answer["limited"], answer["results"]) == (
        True,
        [{"user_id": of("0103"), "display_name": "心内科-护师-欧阳雪"}],
    )
    assert await found_by_specification(shan, "qiu") == [of("0102")]
    assert await found_by_specification(shan, "shan") == []
    assert await found_by_specification(shan, "") == []
    for hand in ("_myelin", "myelin"):
        assert await found_by_specification(shan, hand) == []


async def test_accounts_outside_the_directory_are_found_by_who_shares_a_room(server: Homeserver, shan: Account) -> None:
    wang, li = await server.register("visitor"), await server.register("visitor")
    await wang.call("setProfileField", userId=wang.user_id, keyName="displayname", body={"displayname": "访客甲"})
    assert await found_by_specification(shan, "访客") == []
    await wang.create_room(shan)
    assert await found_by_specification(shan, "fangke") == [wang.user_id]
    assert await found_by_specification(li, "访客") == []
    # The directory itself lists nobody whom it does not know.
    assert await found(shan, "访客") == []
    name = quote(wang.user_id)
    await own(shan, "GET", f"/directory/people/{name}", expect=(404, "M_NOT_FOUND"))


async def test_what_changes_is_found_at_once(server: Homeserver, shan: Account, ward: Hospital) -> None:
    visitor = await server.register("visitor")
    await visitor.create_room(shan)
    await visitor.call("setProfileField", userId=visitor.user_id, keyName="displayname", body={"displayname": "贺新"})
    assert await found_by_specification(shan, "hexin") == [visitor.user_id]
    ward.import_people("工号,姓名,科室,职业\n0106,覃新来,重症医学中心,护\n")
    assert await found(shan, "qin") == await found(shan, "tanxin") == await found(shan, "zzyxzx") == ["覃新来"]
    ward.command("user", "deactivate", "0106")
    ward.command("user", "deactivate", visitor.user_id)
    assert await found(shan, "qin") == []
    assert await found_by_specification(shan, "hexin") == await found_by_specification(shan, "qin") == []
    await own(shan, "GET", f"/directory/people/{quote(of('0106'))}", expect=(404, "M_NOT_FOUND"))


async def test_services_are_found_by_their_title(shan: Account, ward: Hospital) -> None:
    ward.command(
        "service", "add", "lis", "--title", "检验科危急值", "--password-stdin", stdin="a password of a service"
    )
    assert await found_by_specification(shan, "危急值") == await found_by_specification(shan, "jianyanke") != []
    # The directory itself is of people.
    assert await found(shan, "危急值") == []
