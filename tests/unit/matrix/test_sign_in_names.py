import pytest
from hypothesis import given
from hypothesis import strategies as st

from myelin.matrix.identifiers import is_user_id, user_id
from myelin.matrix.sign_in_names import sign_in_user_id

SERVER = "hospital.test"
LOCALPARTS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789._=/+-", min_size=1, max_size=60)


@given(LOCALPARTS)
def test_a_number_and_its_user_id_mean_the_same_person(localpart: str) -> None:
    expected = user_id(localpart, SERVER)
    assert sign_in_user_id(localpart, SERVER) == expected
    assert sign_in_user_id(expected, SERVER) == expected


@given(LOCALPARTS)
def test_case_does_not_count(localpart: str) -> None:
    assert sign_in_user_id(localpart.upper(), SERVER) == sign_in_user_id(localpart, SERVER)


@given(st.text())
def test_whatever_is_typed_means_a_possible_account_or_nobody(name: str) -> None:
    meant = sign_in_user_id(name, SERVER)
    assert meant is None or (is_user_id(meant) and meant == sign_in_user_id(meant, SERVER))


@pytest.mark.parametrize("name", ["Z0123", " z0123 ", "Ｚ０１２３", "@Z0123:Hospital.Test"])
def test_the_ways_in_which_a_number_is_typed(name: str) -> None:
    assert sign_in_user_id(name, SERVER) == "@z0123:hospital.test"


def test_other_bytes_are_spelt_as_the_specification_says() -> None:
    assert sign_in_user_id("王", SERVER) == "@=e7=8e=8b:hospital.test"


@pytest.mark.parametrize("name", ["", "  ", "@:hospital.test", "@z0123:other.test", "@z0123", "x" * 300])
def test_nobody_here_is_meant(name: str) -> None:
    assert sign_in_user_id(name, SERVER) is None
