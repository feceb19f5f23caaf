"""Stories in a real browser, on a server with the web client, each with a database of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.database.test_command_line import myelin
from tests.databases import new_database
from tests.e2e.people import People, password_of
from tests.e2e.trust import RESOLVED, Trust
from tests.servers import address_of, free_port, fresh_server, running, settings

FOLDER = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ENCRYPTED = {"require_encryption": "true"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser, and is slow."""
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trust]:
    """What makes the hospital's name a secure origin, for browsers and for whatever else is started here."""
    if shutil.which("certutil") is None and "CI" not in os.environ:
        pytest.skip("needs certutil (libnss3-tools)")
    made = Trust(tmp_path_factory.mktemp("trust"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(made.root))
        yield made


@pytest.fixture
async def browser(trust: Trust) -> AsyncIterator[Browser]:
    """Debian's Chromium, with the hospital's root installed."""
    async with chromium(trust) as running:
        yield running


@asynccontextmanager
async def chromium(trust: Trust, *wishes: str) -> AsyncIterator[Browser]:
    """Debian's Chromium, with the hospital's root installed and whatever arguments a story wishes."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None and "CI" not in os.environ:
        pytest.skip("needs Chromium")
    async with async_playwright() as playwright:
        # As root, and in containers, Chromium has no sandbox; what these stories load is ours alone.
        arguments = ["--no-sandbox", RESOLVED, *wishes]
        running = await playwright.chromium.launch(
            executable_path=executable, args=arguments, env={**os.environ, "HOME": str(trust.home)}
        )
        yield running
        await running.close()


@pytest.fixture
def hospital_url(tmp_path: Path, postgres_url: str, trust: Trust) -> Iterator[str]:
    """The address of a server that nobody has used yet."""
    with fresh_server(tmp_path, postgres_url, **ENCRYPTED, **trust.wishes) as url:
        yield url


@pytest.fixture
async def people(browser: Browser, hospital_url: str) -> AsyncIterator[People]:
    """The people of a story; in the end, none of their browsers has complained of anything."""
    people = People(browser, hospital_url)
    yield people
    await people.leave()
    assert people.complaints == []


DIRECTORY = """工号,姓名,科室,职称,职业,电话,兼职
1001,张三,内科系统/心内科,主任医师,医,6101,
1005,钱七,内科系统/心内科,护士,护,6105,
1007,周九,急诊科,护士,护,6202,
1009,吴十,药剂科,药师,药,6209,
"""
DUTY = "角色,工号,开始,结束,后备\n总值班,1001,,,\n心内科-一线,1005,,,总值班\n"


@pytest.fixture
async def hospital(browser: Browser, tmp_path: Path, postgres_url: str, trust: Trust) -> AsyncIterator[People]:
    """A hospital with a directory and a roster; everybody but 1009 has set a password already."""
    port, database_url = free_port(), await new_database(postgres_url)
    environment = settings(tmp_path / "data", port, database_url, **ENCRYPTED, **trust.wishes, registration="closed")
    with running(environment, tmp_path / "output"):
        for command, content in (("directory", DIRECTORY), ("duty", DUTY)):
            file = tmp_path / f"{command}.csv"
            file.write_text(content)
            options = ("--yes",) if command == "directory" else ()
            imported = await asyncio.to_thread(myelin, environment, command, "import", str(file), *options)
            assert imported.returncode == 0, imported.stderr
        for number in ("1001", "1005", "1007"):
            given = ("user", "password", number, "--password-stdin")
            await asyncio.to_thread(myelin, environment, *given, stdin=f"{password_of(number)}\n")
        people = People(browser, address_of(environment), environment=environment)
        yield people
        await people.leave()
        assert people.complaints == []
