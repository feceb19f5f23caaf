"""How much bulk a batch takes: little while people come, more while nobody does, never nothing and never too much."""

from __future__ import annotations

from myelin.append.pace import BULK_PER_BATCH, BUSY_S, CALM_BATCHES, CALM_S, LEAST_PER_BATCH, Pace

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
