"""How a command gets a password: asked twice on a terminal, or one line of standard input."""

from __future__ import annotations

import getpass
import sys

LIMIT_CHARACTERS = 512


class PasswordNotGiven(Exception):
    """No password was given."""


def read_password(from_stdin: bool) -> str:
    """Return the password; `PasswordNotGiven` with the reason where there is none."""
    return checked(sys.stdin.readline().rstrip("\r\n") if from_stdin else ask())


def ask() -> str:
    if not sys.stdin.isatty():
        raise PasswordNotGiven("there is no terminal to ask for the password; use --password-stdin")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise PasswordNotGiven("the two passwords differ")
    return password


def checked(password: str) -> str:
    if not password:
        raise PasswordNotGiven("the password is empty")
    if len(password) > LIMIT_CHARACTERS:
        raise PasswordNotGiven(f"a password may have {LIMIT_CHARACTERS} characters at most")
    return password
