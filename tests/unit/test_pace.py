"""How much bulk a batch takes: little while people come, more while nobody does, never nothing and never too much."""

from __future__ import annotations

import asyncio

from myelin.append.lanes import Ask, Lanes
from myelin.append.pace import BULK_PER_BATCH, BUSY_S, CALM_BATCHES, CALM_S, LEAST_PER_BATCH, LONGEST_REST_S, Pace
from myelin.append.proposal import Lane, Proposal

EACH_S = 0.0005


def after(batches: int, of_people: int) -> Pace:
    pace = Pace()
    for _ in range(batches):
        pace.took(pace.count, of_people, pace.count * EACH_S)
    return pace


def test_while_people_come_a_batch_is_over_at_once() -> None:
    assert after(100, of_people=1).count == int(BUSY_S / EACH_S)


def test_while_nobody_comes_it_takes_more() -> None:
    assert after(CALM_BATCHES + 50, of_people=0).count == min(int(CALM_S / EACH_S), BULK_PER_BATCH)


def test_a_slow_batch_is_followed_by_a_small_one_and_never_by_none() -> None:
    pace = after(100, of_people=0)
    pace.took(pace.count, 1, 10.0)
    assert pace.count == LEAST_PER_BATCH


def test_batches_without_bulk_change_nothing_but_the_calm() -> None:
    pace = after(100, of_people=0)
    count = pace.count
    pace.took(0, 5, 1.0)
    assert pace.count == count


def test_bulk_rests_as_long_as_it_worked_while_people_come() -> None:
    pace = after(100, of_people=1)
    pace.took(4, 0, 0.002)
    assert pace.rest_s == 0.002
    pace.took(4, 0, 1.0)
    assert pace.rest_s == LONGEST_REST_S
    pace.took(0, 1, 0.002)
    assert pace.rest_s == 0
    assert after(CALM_BATCHES + 2, of_people=0).rest_s == 0


async def test_whoever_comes_ends_the_rest() -> None:
    lanes, answer = Lanes(), asyncio.get_running_loop().create_future()
    lanes.put(Ask(Proposal(lambda _: None, lane=Lane.BULK), answer))
    waiting = asyncio.create_task(lanes.next_batch(1, rest_s=60.0))
    await asyncio.sleep(0)
    person = Ask(Proposal(lambda _: None), answer)
    lanes.put(person)
    assert await waiting == [person]
