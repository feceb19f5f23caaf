"""The journal: what failed and where, never what anybody wrote."""

import asyncio
import logging

from myelin.http.journal import LINE, Discreet

SECRET = "DETAIL: Key (user_id)=(@wang:hospital.test)"


def record(error: BaseException) -> logging.LogRecord:
    exc_info = (type(error), error, error.__traceback__)
    return logging.LogRecord("myelin", logging.ERROR, "x.py", 1, "failed route=%s", ("/sync",), exc_info)


def failing() -> BaseException:
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as first:
            raise RuntimeError(SECRET) from first
    except RuntimeError as error:
        return error


def test_an_exception_is_its_kind_and_its_way() -> None:
    line = Discreet(LINE).format(record(failing()))
    assert "failed route=/sync" in line
    assert "builtins.ValueError at test_journal:" in line
    assert ":failing caused builtins.RuntimeError at test_journal:" in line
    assert SECRET not in line
    assert "\n" not in line


def test_a_group_names_its_members() -> None:
    line = Discreet(LINE).format(record(BaseExceptionGroup(SECRET, [failing(), asyncio.CancelledError()])))
    assert "ExceptionGroup" in line
    assert "RuntimeError" in line
    assert SECRET not in line


def test_a_line_stays_one_line() -> None:
    entry = logging.LogRecord("myelin", logging.ERROR, "x.py", 1, "one\ntwo", (), None)
    assert "\n" not in Discreet(LINE).format(entry)
