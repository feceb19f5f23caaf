"""Stories in a real browser, on a server with the web client, each with a database of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.e2e.people import People
from tests.servers import fresh_server

FOLDER = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ENCRYPTED = {"require_encryption": "true"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser, and is slow."""
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None and "CI" not in os.environ:
        pytest.skip("needs Chromium")
    async with async_playwright() as playwright:
        # As root, and in containers, Chromium has no sandbox; what these stories load is ours alone.
        running = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield running
        await running.close()


@pytest.fixture
def hospital_url(tmp_path: Path, postgres_url: str) -> Iterator[str]:
    """The address of a server that nobody has used yet."""
    with fresh_server(tmp_path, postgres_url, **ENCRYPTED) as url:
        yield url


@pytest.fixture
async def people(browser: Browser, hospital_url: str) -> AsyncIterator[People]:
    """The people of a story; in the end, none of their browsers has complained of anything."""
    people = People(browser, hospital_url)
    yield people
    await people.leave()
    assert people.complaints == []
