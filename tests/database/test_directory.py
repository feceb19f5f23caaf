"""The directory from a file to everybody's name, through the commands that administrators type."""

from __future__ import annotations

import re
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from myelin.actions.accounts import create_account
from myelin.actions.activation import NewCode, issue_code
from myelin.actions.activation import activate as activate_account
from myelin.actions.directory import plan_directory
from myelin.entries.directory_plan import DirectoryPlan, PlannedDepartment
from myelin.matrix.errors import Forbidden, Overtaken
from myelin.stores.activation_codes import ActivationCodes, CodeCheck, code_hash
from tests.database.logs import open_log
from tests.database.test_command_line import login, myelin
from tests.servers import SERVER_NAME, free_port, running, settings

pytestmark = pytest.mark.database

HEAD = "工号,姓名,科室,职称,职业,电话,兼职\n"
TWO = "1001,张三,内科系统/心内科,主任医师,医,6001,\n1002,李四,内科系统/心内科,,护,,\n"
CLIENT = "/_matrix/client/v3"
USER = f"@1001:{SERVER_NAME}"


@pytest.fixture
def site(data_dir: Path, database_url: str) -> dict[str, str]:
    return settings(data_dir, free_port(), database_url, registration="closed")


def activate(base_url: str, number: str, code: str, password: str) -> httpx.Response:
    body = {"employee_number": number, "code": code, "password": password}
    return httpx.post(f"{base_url}/_myelin/v1/activate", json=body, timeout=30)


def name_of(base_url: str, number: str) -> str:
    answer = httpx.get(f"{base_url}{CLIENT}/profile/@{number}:hospital.test", timeout=30)
    name: str = answer.json()["displayname"]
    return name


@dataclass
class Site:
    """A hospital under test: its settings, the address of its server, and the file that its list is in."""

    environment: dict[str, str]
    file: Path

    @property
    def url(self) -> str:
        return f"http://{self.environment['MYELIN_LISTEN']}"

    def import_list(self, rows: str, *options: str, encoding: str = "utf-8") -> subprocess.CompletedProcess[str]:
        """Import a list of people without being asked."""
        self.file.write_bytes((HEAD + rows).encode(encoding))
        return myelin(self.environment, "directory", "import", str(self.file), "--yes", *options)


def test_people_are_employed_renamed_and_let_go(site: dict[str, str], tmp_path: Path) -> None:
    hospital = Site(site, tmp_path / "people.csv")
    with running(site, tmp_path / "server.log"):
        codes = employ(hospital, tmp_path / "codes.html")
        refuse_wrong_codes(hospital, codes)
        keep_codes_that_count(hospital, tmp_path)
        headers = activate_first(hospital, codes[0])
        member = keep_the_hospitals_name(hospital, headers)
        rename(hospital, member, headers)
        let_go(hospital, headers)
    assert myelin(site, "log", "check").returncode == 0
    assert myelin(site, "log", "rebuild", "--compare").returncode == 0


def employ(hospital: Site, slips: Path) -> list[str]:
    """Two people are new; their codes are in a file that only its owner reads, and nowhere else."""
    imported = hospital.import_list(TWO, "--codes", str(slips))
    assert imported.returncode == 0, imported.stderr
    assert "2 people are new" in imported.stdout and "1001 心内科-主任医师-张三" in imported.stdout
    codes = re.findall(r"<b>([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})</b>", slips.read_text())
    assert len(codes) == 2 and stat.S_IMODE(slips.stat().st_mode) == 0o600
    assert not set(codes) & set(imported.stdout.split())
    return codes


def keep_codes_that_count(hospital: Site, folder: Path) -> None:
    """Importing again makes no second codes of those that were handed out, and never writes over a file of codes."""
    again = hospital.import_list(TWO, "--codes", str(folder / "more.html"))
    assert "nothing changes" in again.stdout and "no codes were made" in again.stdout
    assert not (folder / "more.html").exists()
    over = hospital.import_list(TWO, "--codes", str(folder / "codes.html"))
    assert over.returncode == 1 and "is there already" in over.stderr
    nowhere = hospital.import_list(TWO, "--codes", str(folder / "no" / "codes.html"))
    assert nowhere.returncode == 1 and "is no folder" in nowhere.stderr


def refuse_wrong_codes(hospital: Site, codes: list[str]) -> None:
    """Nobody learns who exists, and a short password is refused before anything is used up."""
    wrong = activate(hospital.url, "1001", codes[1], "a good password")
    unknown = activate(hospital.url, "nobody", codes[1], "a good password")
    assert (wrong.status_code, wrong.json()) == (403, unknown.json())
    assert activate(hospital.url, "1001", codes[0], "short").json()["errcode"] == "M_WEAK_PASSWORD"


def activate_first(hospital: Site, code: str) -> dict[str, str]:
    """A code counts once, typed in lower case, without hyphens, by somebody who reads a zero as an O."""
    typed = code.replace("-", "").replace("0", "o").lower()
    activated = activate(hospital.url, "1001", typed, "a good password")
    assert activated.json() == {"user_id": "@1001:hospital.test"}
    assert activate(hospital.url, "1001", code, "another password").status_code == 403
    return {"authorization": f"Bearer {login(hospital.url, '1001', 'a good password').json()['access_token']}"}


def keep_the_hospitals_name(hospital: Site, headers: dict[str, str]) -> str:
    """Nobody is called otherwise than the hospital says, in the profile or in a room; capabilities say so."""
    client = f"{hospital.url}{CLIENT}"
    profile = f"{client}/profile/@1001:hospital.test/displayname"
    assert httpx.put(profile, json={"displayname": "院长"}, headers=headers).status_code == 403
    own = {"displayname": name_of(hospital.url, "1001")}
    assert httpx.put(profile, json=own, headers=headers).status_code == 200
    assert httpx.delete(profile, headers=headers).status_code == 403
    room_id = httpx.post(f"{client}/createRoom", json={}, headers=headers).json()["room_id"]
    member = f"{client}/rooms/{room_id}/state/m.room.member/@1001:hospital.test"
    for membership in ("join", "leave", "knock", "invite"):
        faked = {"membership": membership, "displayname": "院长"}
        assert httpx.put(member, json=faked, headers=headers).status_code == 403
    unnamed = {"membership": "join", "avatar_url": "mxc://hospital.test/a"}
    assert httpx.put(member, json=unnamed, headers=headers).status_code == 200
    assert httpx.get(member, headers=headers).json()["displayname"] == "心内科-主任医师-张三"
    other = member.replace("@1001", "@1002")
    assert httpx.put(other, json={"membership": "invite", "displayname": "院长"}, headers=headers).status_code == 403
    assert httpx.put(other, json={"membership": "invite"}, headers=headers).status_code == 200
    assert httpx.get(other, headers=headers).json()["displayname"] == "心内科-李四"
    capabilities = httpx.get(f"{client}/capabilities", headers=headers).json()["capabilities"]
    assert capabilities["m.set_displayname"] == {"enabled": False}
    assert capabilities["m.profile_fields"]["disallowed"] == ["displayname"]
    return member


def rename(hospital: Site, member: str, headers: dict[str, str]) -> None:
    """A file in the other encoding names a department otherwise: so is everybody, everywhere; once is enough."""
    rows = "1001,张三,内科系统/心血管内科,主任医师,医,6001,\n1002,李四,内科系统/心血管内科,,护,,\n"
    renamed = hospital.import_list(rows, encoding="gb18030")
    assert "1 departments are renamed or moved" in renamed.stdout, renamed.stderr
    assert "1002 心内科-李四 -> 心血管内科-李四" in renamed.stdout
    assert name_of(hospital.url, "1002") == "心血管内科-李四"
    assert httpx.get(member, headers=headers).json()["displayname"] == "心血管内科-主任医师-张三"
    assert "nothing changes" in hospital.import_list(rows).stdout


def let_go(hospital: Site, headers: dict[str, str]) -> None:
    """Whoever is missing from a list of everybody leaves; half of the hospital only where that is meant."""
    rows = "1002,李四,内科系统/心血管内科,,护,,\n"
    refused = hospital.import_list(rows, "--full")
    assert refused.returncode == 1 and "--allow-many" in refused.stderr
    assert hospital.import_list(rows, "--full", "--allow-many").returncode == 0
    assert httpx.get(f"{hospital.url}{CLIENT}/account/whoami", headers=headers).status_code == 401
    assert login(hospital.url, "1001", "a good password").json()["errcode"] == "M_USER_DEACTIVATED"
    code = myelin(hospital.environment, "directory", "code", "1002").stdout.strip()
    assert activate(hospital.url, "1002", code, "a good password").status_code == 200


def test_a_faulty_file_and_a_no_change_nothing(site: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(HEAD + "1001,张三,内科,,医,,\n1001,李四,内科,,医,,\n")
    faulty = myelin(site, "directory", "import", str(file), "--yes")
    assert faulty.returncode == 1 and "line 3" in faulty.stderr and "Traceback" not in faulty.stderr
    file.write_text(HEAD + "1001,张三,内科,,医,,\n")
    declined = myelin(site, "directory", "import", str(file), stdin="n\n")
    assert declined.returncode == 1 and "Nothing was changed" in declined.stderr
    accepted = myelin(site, "directory", "import", str(file), stdin="y\n")
    assert accepted.returncode == 0 and "1 people are new" in accepted.stdout


def test_numbers_of_accounts_that_are_closed_or_were_there_before(site: dict[str, str], tmp_path: Path) -> None:
    hospital = Site(site, tmp_path / "people.csv")
    for number in ("1001", "1002"):
        added = myelin(site, "user", "add", number, "--password-stdin", stdin="a good password\n")
        assert added.returncode == 0, added.stderr
    assert myelin(site, "user", "deactivate", "1002").returncode == 0
    refused = hospital.import_list(TWO)
    assert refused.returncode == 1 and "line 3: 工号 1002 belonged to an account that is closed" in refused.stderr
    adopted = hospital.import_list(TWO.splitlines()[0])
    assert adopted.returncode == 0 and "1 accounts that were there already" in adopted.stdout
    # Whoever was closed by hand leaves the directory like anybody else.
    assert myelin(site, "user", "deactivate", "1001").returncode == 0
    left = hospital.import_list("1003,王五,外科,,医,,\n", "--full", "--allow-many")
    assert left.returncode == 0 and "1001 心内科-主任医师-张三" in left.stdout, left.stderr
    assert "nothing changes" in hospital.import_list("1003,王五,外科,,医,,\n", "--full").stdout


async def test_of_two_plans_of_the_same_directory_only_one_is_made(database_url: str) -> None:
    plan = DirectoryPlan(departments=(PlannedDepartment("d1", None, "内科"),))
    async with open_log(database_url) as log:
        first = await log.pool.submit(plan_directory(plan, "a.csv", -1))
        with pytest.raises(Overtaken):
            await log.pool.submit(plan_directory(plan, "b.csv", -1))
        assert await log.pool.submit(plan_directory(plan, "b.csv", first)) > first


async def test_a_code_ends_with_its_time_and_with_the_next_one(database_url: str) -> None:
    async with open_log(database_url) as log:
        await log.pool.submit(create_account(USER, None, None))
        codes = ActivationCodes(log.reads, log.clock_ms)
        assert await codes.in_need([USER]) == [USER]
        await log.pool.submit(issue_code(USER, NewCode(code_hash("0123-4567-89AB").hex(), log.now_ms + 1000)))
        assert await codes.in_need([USER]) == []
        first = await codes.check(USER, "0123 4567 89ab")
        assert first.position is not None and not first.is_expired
        log.now_ms += 1001
        assert (await codes.check(USER, "0123-4567-89AB")).is_expired
        assert await codes.in_need([USER]) == [USER]
        await log.pool.submit(issue_code(USER, NewCode(code_hash("ZZZZ-ZZZZ-ZZZZ").hex(), log.now_ms + 1000)))
        assert (await codes.check(USER, "0123-4567-89AB")) == CodeCheck(None, is_expired=False, is_known=True)
        # Whoever checked the first code a moment ago is too late with it.
        with pytest.raises(Forbidden):
            await log.pool.submit(activate_account(USER, first.position, "hash"))
