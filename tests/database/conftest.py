"""A log to damage: told once, copied for each test."""

import asyncio
from urllib.parse import urlsplit

import pytest

from tests.database.story import Story, tell
from tests.databases import new_database


@pytest.fixture(scope="session")
def told(postgres_url: str) -> tuple[str, Story]:
    """The name of a database to copy, and what it holds."""
    url = asyncio.run(new_database(postgres_url))
    return urlsplit(url).path[1:], asyncio.run(tell(url))


@pytest.fixture
def story(told: tuple[str, Story]) -> Story:
    return told[1]


@pytest.fixture
def copy(postgres_url: str, told: tuple[str, Story]) -> str:
    """The address of a copy of that database, to be damaged."""
    return asyncio.run(new_database(postgres_url, told[0]))
