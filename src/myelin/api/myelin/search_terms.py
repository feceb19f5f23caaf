"""What somebody types to find colleagues, and how many of them they want, as parameters of a request."""

from __future__ import annotations

from myelin.matrix.errors import InvalidParam
from myelin.staff.index import Term, term_of

TERM_LIMIT = 200


def term_in(text: str) -> Term:
    """Return the term; `InvalidParam` for one that nobody types. Nothing in it is a pattern."""
    if len(text) > TERM_LIMIT:
        raise InvalidParam(f"a search has at most {TERM_LIMIT} characters")
    return term_of(text)


def limit_of(text: str | None, default: int, most: int) -> int:
    """Return how many are wanted, at most so many as there may be; `InvalidParam` where that is no number from 1 on."""
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0):
        raise InvalidParam("limit must be a whole number from 1 on")
    return min(int(text), most)
