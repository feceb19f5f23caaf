"""A hospital for the stories of the gateway."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.hospital import Hospital, hospital
from tests.gateway.beds import PEOPLE


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Iterator[Hospital]:
    """A homeserver with a directory of two doctors."""
    with hospital(tmp_path, database_url, require_encryption="true") as started:
        started.import_people(PEOPLE)
        yield started
