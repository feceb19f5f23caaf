from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import pytest

from myelin.actions import departures
from myelin.actions.departures import Departures
from myelin.append.proposal import Lane, Proposal
from myelin.matrix.errors import NotAuthorized, ResourceUnavailable

LEFT_BEHIND = [("@wang:hospital.test", "!one"), ("@wang:hospital.test", "!two")]


class Rooms:
    """Stands for the projections and the pool."""

    def __init__(self, faults: Sequence[Exception] = ()) -> None:
        self.faults = list(faults)
        self.submitted = 0
        self.done = asyncio.Event()

    async def remaining(self) -> Sequence[tuple[str, str]]:
        return LEFT_BEHIND

    async def submit(self, proposal: Proposal[None]) -> None:
        assert proposal.lane is Lane.BULK
        self.submitted += 1
        if self.faults:
            raise self.faults.pop(0)
        self.done.set()


async def until_done(rooms: Rooms) -> None:
    task = asyncio.create_task(Departures(rooms.remaining).run(rooms.submit))
    await rooms.done.wait()
    task.cancel()


async def test_what_was_left_behind_is_left_at_the_start() -> None:
    rooms = Rooms()
    await until_done(rooms)
    assert rooms.submitted >= 1


async def test_a_room_that_refuses_does_not_keep_the_others(caplog: pytest.LogCaptureFixture) -> None:
    rooms = Rooms([NotAuthorized()])
    with caplog.at_level(logging.WARNING):
        await Departures(rooms.remaining).leave_all(rooms.submit)
    assert rooms.submitted == len(LEFT_BEHIND)
    assert "!one" not in caplog.text and "wang" not in caplog.text


@pytest.mark.parametrize("fault", [ResourceUnavailable(), ConnectionResetError()], ids=["unavailable", "no connection"])
async def test_a_database_that_is_away_is_tried_again(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    monkeypatch.setattr(departures, "RETRY_AFTER_S", 0)
    rooms = Rooms([fault])
    await until_done(rooms)
    assert rooms.submitted >= 2
