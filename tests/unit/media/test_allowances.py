"""How much may come: no more than a file may have, and no more than a person has room for, whatever is under way."""

from contextlib import ExitStack

import pytest

from myelin.matrix.errors import LimitExceeded, QuotaReached, TooLarge
from myelin.media.allowances import UPLOADS_LIMIT, Allowances


def allowed(allowances: Allowances, used: int, announced: int | None, user_id: str = "@wang:hospital.test") -> int:
    with allowances.allow(user_id, used, announced) as most:
        return most


def test_there_is_room_up_to_the_quota() -> None:
    allowances = Allowances(100, 250)
    assert allowed(allowances, 150, 100) == 100
    with pytest.raises(QuotaReached):
        allowed(allowances, 151, 100)
    with pytest.raises(TooLarge):
        allowed(allowances, 0, 101)


def test_what_is_under_way_counts_and_no_longer() -> None:
    allowances = Allowances(100, 250)
    with allowances.allow("@wang:hospital.test", 0, 100), allowances.allow("@wang:hospital.test", 0, 100):
        with pytest.raises(QuotaReached):
            allowed(allowances, 0, 51)
        assert allowed(allowances, 0, 50) == 50
        assert allowed(allowances, 0, 100, "@li:hospital.test") == 100
    assert allowed(allowances, 0, 100) == 100


def test_what_is_not_announced_may_fill_the_room() -> None:
    allowances = Allowances(100, 250)
    assert allowed(allowances, 0, None) == 100
    assert allowed(allowances, 220, None) == 30
    with pytest.raises(QuotaReached), allowances.allow("@wang:hospital.test", 220, None):
        raise TooLarge
    with pytest.raises(TooLarge), allowances.allow("@wang:hospital.test", 0, None):
        raise TooLarge


def test_a_smaller_quota_than_was_used_is_reached() -> None:
    with pytest.raises(QuotaReached):
        allowed(Allowances(100, 250), 300, None)
    with pytest.raises(QuotaReached):
        allowed(Allowances(100, 250), 300, 0)


def test_one_person_uploads_a_few_files_at_a_time() -> None:
    allowances = Allowances(100, 100_000)
    with ExitStack() as uploads:
        for _ in range(UPLOADS_LIMIT):
            uploads.enter_context(allowances.allow("@wang:hospital.test", 0, 1))
        with pytest.raises(LimitExceeded):
            allowed(allowances, 0, 1)
    assert allowed(allowances, 0, 1) == 1
