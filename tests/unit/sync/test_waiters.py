from __future__ import annotations

from myelin.sync.waiters import Waiters

WANG = "@wang:hospital.test"


async def test_what_can_wait_is_counted_and_wakes_nobody() -> None:
    waiters = Waiters()
    waiter = waiters.register(WANG)
    before = waiters.wake_count(WANG)
    waiters.count([WANG])
    assert waiters.wake_count(WANG) > before
    assert not waiter.done()
    waiters.wake([WANG])
    assert waiter.done()
