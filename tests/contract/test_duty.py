"""Who is on duty: files as secretaries make them, and roles that always find somebody."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from myelin.directory.duty_file import SHANGHAI
from tests.contract.conftest import Homeserver
from tests.contract.contract import Contract, Records
from tests.contract.hospital import Hospital, hospital
from tests.contract.own import own
from tests.contract.people import Account
from tests.databases import new_database
from tests.servers import SERVER_NAME

pytestmark = pytest.mark.skipif("MYELIN_TEST_URL" in os.environ, reason="needs a server with a directory")

FIRST, SECOND, LAST = "心内科-一线", "心内科-二线", "总值班"
# Whoever runs this runs it on some day; the rosters of these tests begin tomorrow, at midnight in Shanghai.
TOMORROW = datetime.now(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def at(hours: float) -> int:
    """Ms of an instant, so many hours after tomorrow has begun."""
    return int((TOMORROW + timedelta(hours=hours)).timestamp() * 1000)


def written(hours: float) -> str:
    return (TOMORROW + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S")


def table(*rows: tuple[str, str, float | None, float | None, str]) -> str:
    lines = (
        f"{role},{number},{written(begins) if begins is not None else ''},{written(ends) if ends is not None else ''},"
        f"{fallback}"
        for role, number, begins, ends, fallback in rows
    )
    return "\n".join(["角色,工号,开始,结束,后备", *lines])


ROLES = (
    (LAST, "0105", None, None, ""),
    (SECOND, "", None, None, LAST),
    (FIRST, "", None, None, f"{SECOND};{LAST}"),
)
ROSTER = (
    (FIRST, "0101", 8.0, 20.0, ""),
    (FIRST, "0102", 21.0, 32.0, ""),
    (SECOND, "0103", 8.0, 32.0, ""),
    (LAST, "0104", 8.0, 32.0, ""),
)


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


async def answers(account: Account, instant: int, **query: str) -> dict[str, dict[str, Any]]:
    answer = await own(account, "GET", "/duty", query={"at": instant, **query})
    assert answer["at"] == instant
    return {each["role"]: each for each in answer["roles"]}


async def who(account: Account, role: str, instant: int) -> tuple[str | None, str, int | None]:
    """Whose number answers, by which role, and until when."""
    answer = (await answers(account, instant, role=role))[role]
    person = answer["person"]
    return person["employee_number"] if person else None, answer["answering_role"], answer["until"]


async def test_a_role_finds_its_person_to_the_second(ward: Hospital, wang: Account) -> None:
    said = ward.command_on(table(*ROLES, *ROSTER), "duty", "import")
    assert f"gap: {FIRST} has nobody from {written(20)[:-3]} to {written(21)[:-3]}" in said
    assert f"{SECOND} answers (0103 欧阳雪)" in said
    assert await who(wang, FIRST, at(8)) == ("0101", FIRST, at(20))
    assert await who(wang, FIRST, at(20) - 1) == ("0101", FIRST, at(20))
    # The gap goes to the next in line, until the next shift begins.
    assert await who(wang, FIRST, at(20)) == ("0103", SECOND, at(21))
    assert await who(wang, FIRST, at(21)) == ("0102", FIRST, at(32))
    # Before the roster and after it whoever stands in at the end of the line.
    assert await who(wang, FIRST, at(7)) == ("0105", LAST, at(8))
    assert await who(wang, FIRST, at(32)) == ("0105", LAST, None)
    gap = (await answers(wang, at(20), role=FIRST))[FIRST]
    assert (gap["fallback"], gap["standing"], gap["line"]) == (True, False, [FIRST, SECOND, LAST])
    assert gap["person"] == {
        "user_id": f"@0103:{SERVER_NAME}",
        "employee_number": "0103",
        "name": "欧阳雪",
        "department": "内科系统/心内科",
        "title": "护师",
        "profession": "护",
        "display_name": "心内科-护师-欧阳雪",
        "phone": "8003",
    }


async def test_roles_are_asked_for_by_department(ward: Hospital, wang: Account) -> None:
    ward.command_on(table(*ROLES, *ROSTER), "duty", "import")
    assert set(await answers(wang, at(8))) == {FIRST, SECOND, LAST}
    for department in ("内科系统", "内科系统/心内科"):
        assert set(await answers(wang, at(8), department=department)) == {FIRST, SECOND}
    assert await answers(wang, at(8), department="外科系统") == {}
    await own(wang, "GET", "/duty", query={"department": "no such"}, expect=(404, "M_NOT_FOUND"))
    await own(wang, "GET", "/duty", query={"role": "no such"}, expect=(404, "M_NOT_FOUND"))
    for wrong in ("soon", "-1", "1" * 16, "1.5", "0", str(at(-36 * 24))):
        await own(wang, "GET", "/duty", query={"at": wrong}, expect=(400, "M_INVALID_PARAM"))
    now = await own(wang, "GET", "/duty")
    assert abs(now["at"] - datetime.now(UTC).timestamp() * 1000) < 60_000


async def test_the_same_file_changes_nothing_and_a_corrected_one_what_it_covers(ward: Hospital, wang: Account) -> None:
    ward.command_on(table(*ROLES, *ROSTER), "duty", "import")
    assert "nothing changes" in ward.command_on(table(*ROLES, *ROSTER), "duty", "import")
    # Two have swapped: in UTC, as another program writes it, in GB18030.
    swapped = datetime.fromtimestamp(at(8) / 1000, UTC), datetime.fromtimestamp(at(12) / 1000, UTC)
    line = f"{FIRST},0104,{swapped[0]:%Y-%m-%dT%H:%M:%SZ},{swapped[1]:%Y-%m-%dT%H:%M:%S+00:00},"
    ward.command_on(f"角色,工号,开始,结束,后备\n{line}\n".encode("gb18030"), "duty", "import")
    assert await who(wang, FIRST, at(8)) == ("0104", FIRST, at(12))
    assert await who(wang, FIRST, at(12)) == ("0101", FIRST, at(20))
    assert await who(wang, FIRST, at(20)) == ("0103", SECOND, at(21))


async def test_of_two_at_once_the_later_answers_and_the_import_says_so(ward: Hospital, wang: Account) -> None:
    both = ((FIRST, "0101", 40.0, 50.0, ""), (FIRST, "0102", 48.0, 60.0, ""))
    said = ward.command_on(table(*ROLES, *both), "duty", "import")
    assert (
        f"overlap: {FIRST} has two from {written(48)[:-3]} to {written(50)[:-3]}: 0102 仇曾 answers, not 0101" in said
    )
    assert await who(wang, FIRST, at(49)) == ("0102", FIRST, at(60))


async def test_a_renamed_department_keeps_its_roles(ward: Hospital, wang: Account) -> None:
    role, row = "骨科-一线", ("骨科-一线", "0104", 100.0, 110.0, "")
    ward.command_on(table(*ROLES, row), "duty", "import")
    ward.import_people("工号,姓名,科室,职称,职业,电话\n0104,解乐,外科系统/骨一科,住院医师,医,8004\n")
    assert await who(wang, role, at(101)) == ("0104", role, at(110))
    ward.command_on(table(("骨一科-二线", "0104", 100.0, 110.0, "")), "duty", "import")
    assert "骨一科-二线" in await answers(wang, at(101), department="外科系统/骨一科")


async def test_whoever_left_is_skipped(ward: Hospital, wang: Account) -> None:
    ward.import_people("工号,姓名,科室,职称,职业\n0109,临时工,内科系统/心内科,护士,护\n")
    ward.command_on(table(*ROLES, (FIRST, "0109", 70.0, 80.0, "")), "duty", "import")
    assert await who(wang, FIRST, at(71)) == ("0109", FIRST, at(80))
    ward.command("user", "deactivate", "0109")
    assert await who(wang, FIRST, at(71)) == ("0105", LAST, None)
    said = ward.command_on(table(*ROLES, (FIRST, "0109", 70.0, 80.0, "")), "duty", "import", expect=1)
    assert "line 5: the account of 0109 is closed" in said


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((FIRST, "0999", 8.0, 20.0, ""), "the directory knows nobody with the number 0999"),
        ((FIRST, "0101", 20.0, 8.0, ""), "the shift ends before it begins"),
        ((FIRST, "0101", 8.0, None, ""), "a shift has a person, a beginning and an end"),
        ((FIRST, "", 8.0, 20.0, ""), "a shift has a person, a beginning and an end"),
        ((FIRST, "0101", 8.0, 24 * 90.0 + 24, ""), "more than 90 days ahead"),
        (("心内料-一线", "0101", 8.0, 20.0, ""), "no department is called 心内料"),
        (("心内科 一线", "0101", 8.0, 20.0, ""), "角色 (role) is a name"),
        (("", "0101", 8.0, 20.0, ""), "角色 (role) is a name"),
        ((FIRST, "", None, None, ""), "names neither a person nor a fallback"),
        ((FIRST, "", None, None, "心内科-三线"), "后备 (fallback) of 心内科-一线 is another one than in line 4"),
        ((SECOND, "", None, None, FIRST), "后备 (fallback) of 心内科-二线 is another one"),
        ((LAST, "0104", None, None, ""), "总值班 has a standing person already, in line 2"),
        ((LAST, "0105", None, None, ""), "this is line 2 again"),
    ],
)
def test_faults_are_refused_with_line_and_reason(
    ward: Hospital, row: tuple[str, str, float | None, float | None, str], reason: str
) -> None:
    said = ward.command_on(table(*ROLES, row), "duty", "import", expect=1)
    assert "nothing was changed" in said
    assert "line 5: " in said
    assert reason in said


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        ("角色,工号,开始\n".encode(), "the column 结束 is missing"),
        (b"\xff\xfe\x00\xd8", "neither UTF-8 nor GB18030"),
        (b"PK\x03\x04 no archive", "not a readable XLSX file"),
        (f"角色,工号,开始,结束\n{FIRST},0101,{'9' * 10_000},\n".encode(), "a cell holds more than"),
        (f"角色,工号,开始,结束\n{FIRST},0101,2026-13-01 08:00,2026-02-30 25:00\n".encode(), "is no time such as"),
        (f"角色,工号,开始,结束\n{FIRST},0101,1969-01-01,1970-01-01\n".encode(), "is no time such as"),
    ],
)
def test_hostile_files_are_refused(ward: Hospital, content: bytes, reason: str) -> None:
    assert reason in ward.command_on(content, "duty", "import", expect=1)


def test_a_line_that_can_end_in_nobody_is_refused(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> None:
    database_url = asyncio.run(new_database(postgres_url))
    with hospital(tmp_path_factory.mktemp("empty"), database_url) as ward:
        ward.import_people()
        said = ward.command_on(table(*ROSTER), "duty", "import", expect=1)
        assert f"the line {FIRST} > {LAST} can end in nobody: give the last resort {LAST} a standing person" in said
        said = ward.command_on(table((FIRST, "0101", None, None, "护理-夜班")), "duty", "import", expect=1)
        assert "护理-夜班 of 心内科-一线 is no role" in said
        circle = (LAST, "0105", None, None, ""), (FIRST, "", None, None, SECOND), (SECOND, "", None, None, FIRST)
        said = ward.command_on(table(*circle), "duty", "import", expect=1)
        assert f"{FIRST} and its fallback {SECOND} answer for each other" in said
        # Nothing of the refused files has come in.
        assert ward.command("duty", "show") == ""
        ward.command_on(table(*ROLES), "duty", "import")
        said = ward.command("duty", "show", FIRST)
        assert said.split("\t")[:2] == [FIRST, "0105 王丹"]
        assert "there is no role 外科" in ward.command("duty", "show", "外科", expect=1)
