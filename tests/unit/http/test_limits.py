"""Rate limits: bursts pass, floods wait, and nobody is forgotten by being many."""

from dataclasses import dataclass

import pytest

from myelin.http.limits import RATES, REMEMBERED_LIMIT, Rate, RateLimits
from myelin.http.messages import Caller, Request
from myelin.matrix.errors import LimitExceeded

LOGIN = {"login": Rate(per_second=2, burst=4)}


@dataclass
class Clock:
    now_s: float = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(clock: Clock) -> RateLimits:
    return RateLimits(clock, LOGIN)


def request(address: str = "192.0.2.1", caller: Caller | None = None) -> Request:
    return Request("POST", (), b"", {}, b"", address, caller=caller)


def spend(limits: RateLimits, times: int, who: str = "wang") -> int:
    """How many of these are let through."""
    passed = 0
    for _ in range(times):
        try:
            limits.spend("login", who)
        except LimitExceeded:
            continue
        passed += 1
    return passed


def test_a_burst_passes_and_no_more(limits: RateLimits) -> None:
    assert spend(limits, 10) == 4


def test_who_waits_as_told_is_let_through(limits: RateLimits, clock: Clock) -> None:
    spend(limits, 4)
    with pytest.raises(LimitExceeded) as refusal:
        limits.spend("login", "wang")
    assert refusal.value.retry_after_ms == pytest.approx(500, abs=2)
    clock.now_s += refusal.value.retry_after_ms / 1000
    assert spend(limits, 2) == 1


def test_in_the_long_run_the_rate_counts(limits: RateLimits, clock: Clock) -> None:
    passed = 0
    for _ in range(100):
        passed += spend(limits, 5)
        clock.now_s += 1
    assert passed == 4 + 99 * 2


def test_each_has_a_bucket_of_their_own(limits: RateLimits) -> None:
    spend(limits, 4, "wang")
    assert spend(limits, 4, "li") == 4


def test_refusals_cost_nothing(limits: RateLimits, clock: Clock) -> None:
    spend(limits, 1000)
    clock.now_s += 0.5
    assert spend(limits, 1) == 1


def test_memory_is_bounded(limits: RateLimits) -> None:
    for number in range(REMEMBERED_LIMIT + 10):
        limits.spend("login", str(number))
    assert len(limits) == REMEMBERED_LIMIT


def test_people_are_counted_by_name_and_others_by_address(limits: RateLimits) -> None:
    wang = Caller("@wang:x", "A")
    for number in range(4):
        limits.check("login", request(f"192.0.2.{number}", wang))
    with pytest.raises(LimitExceeded):
        limits.check("login", request("192.0.2.99", Caller("@wang:x", "B")))
    limits.check("login", request("192.0.2.1"))


def test_one_machine_has_one_bucket_for_all_its_addresses(limits: RateLimits) -> None:
    for number in range(4):
        limits.check("login", request(f"2001:db8::{number + 1}"))
    with pytest.raises(LimitExceeded):
        limits.check("login", request("2001:db8::ffff"))
    limits.check("login", request("2001:db8:0:1::1"))


def test_services_are_never_told_to_wait(limits: RateLimits) -> None:
    laboratory = Caller("@lab:x", "A", is_service=True)
    for _ in range(100):
        limits.check("login", request(caller=laboratory))


def test_every_rate_can_be_kept() -> None:
    assert all(rate.per_second > 0 and rate.burst >= 1 for rate in RATES.values())
