"""What somebody typed is the value, or another one."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from myelin_gateway.flows.read_back import says
from tests.gateway.ward import potassium


@pytest.mark.parametrize("typed", ["6.8", "6.80", "６．８", " 6.8mmol/L ", "6.8 MMOL/L", "06.8"])
def test_the_same_value_however_it_is_written(typed: str) -> None:
    assert says(potassium(), typed)


@pytest.mark.parametrize("typed", ["", "6", "68", "6.81", "-6.8", "<6.8", "6,8", "nan", "6.8e0", "mmol/L", "6.8 6.8"])
def test_another_value(typed: str) -> None:
    assert not says(potassium(), typed)


def test_beyond_the_scale_is_read_back_with_its_sign() -> None:
    result = replace(potassium("10"), text="<10", comparator="<")
    assert says(result, "＜ 10")
    assert not says(result, "10")
    assert says(replace(result, comparator="<="), "≤10")
