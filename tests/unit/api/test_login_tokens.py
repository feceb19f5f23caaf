"""Tokens that sign somebody in once."""

from __future__ import annotations

import os

import pytest

from myelin.api.session.login_tokens import LoginTokens
from myelin.matrix.errors import Forbidden

NURSE = "@1005:hospital.test"


class Clock:
    def __init__(self) -> None:
        self.now = 1000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(clock: Clock) -> LoginTokens:
    return LoginTokens(os.urandom, clock)


def test_a_token_counts_once(tokens: LoginTokens) -> None:
    token, other = tokens.issue(NURSE, 60), tokens.issue("@1003:hospital.test", 60)
    assert tokens.redeem(token) == NURSE
    with pytest.raises(Forbidden, match="used already"):
        tokens.redeem(token)
    assert tokens.redeem(other) == "@1003:hospital.test"


def test_a_token_expires(tokens: LoginTokens, clock: Clock) -> None:
    token = tokens.issue(NURSE, 60)
    clock.now += 60
    with pytest.raises(Forbidden):
        tokens.redeem(token)


def test_what_nobody_issued_counts_for_nothing(tokens: LoginTokens) -> None:
    for token in ("", "x", "\ud800"):
        with pytest.raises(Forbidden):
            tokens.redeem(token)
    assert not tokens.are_issued


def test_the_token_itself_is_kept_nowhere(tokens: LoginTokens) -> None:
    assert tokens.issue(NURSE, 60) not in repr(vars(tokens))
