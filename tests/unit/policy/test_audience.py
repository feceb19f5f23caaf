"""Whom a setting means."""

import pytest

from myelin.policy.audience import audience_of
from myelin.state.user import Post, User

NURSE = User(user_id="@1003:x", number=1, post=Post("icu", "护"))
DOCTOR = User(user_id="@1001:x", number=2, post=Post("icu", "医"))
STRANGER = User(user_id="@0000:x", number=3)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ((), []),
        (("everybody",), [NURSE, DOCTOR, STRANGER]),
        (("护",), [NURSE]),
        (("医", "1003"), [NURSE, DOCTOR]),
        (("@0000:x", "@1001:elsewhere"), [STRANGER]),
        (("１００１",), [DOCTOR]),
        (("护士",), []),
    ],
)
def test_whom_a_setting_means(words: tuple[str, ...], meant: list[User]) -> None:
    audience = audience_of(words, "x")
    assert [person for person in (NURSE, DOCTOR, STRANGER) if audience.holds(person)] == meant
    assert not audience.holds(None)
