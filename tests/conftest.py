"""Fixtures that more than one kind of test uses."""

import pytest

pytest_plugins = ["tests.databases", "tests.servers"]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
