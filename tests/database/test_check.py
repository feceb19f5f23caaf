"""`log check`: a whole log passes, and every kind of damage is found and named."""

from random import Random

import pytest

from myelin.audit.check import check_log
from tests.database.histories import History
from tests.database.logs import open_log

pytestmark = [pytest.mark.database, pytest.mark.anyio]


async def test_a_rich_history_is_whole(database_url: str) -> None:
    async with open_log(database_url) as log:
        history = History(log, Random(1))
        await history.begin()
        await history.go_on(300)
        report = await check_log(database_url)
        assert [str(fault) for fault in report.faults] == []
        assert report.size == log.memory.head + 1
