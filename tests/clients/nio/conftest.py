"""Every story of matrix-nio begins in a ward."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.clients.accounts import Account
from tests.clients.nio.wards import Ward, opened


@pytest.fixture
async def ward(nurse: Account, doctor: Account, tmp_path: Path) -> AsyncIterator[Ward]:
    async with opened(nurse, doctor, tmp_path) as ward:
        yield ward
