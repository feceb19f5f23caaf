"""Whether what somebody typed is the value that the laboratory said."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation

from myelin_gateway.model import Result

COMPARATORS = ("<=", ">=", "<", ">")


def says(result: Result, typed: str) -> bool:
    """Whether `typed` is the value: `6.80`, `６.８` and `6.8 mmol/L` are 6.8, and `10` is not `<10`.

    A result that is no number is read back by its text, or by one press without any.
    """
    text = _plain(typed)
    if result.number is None:
        return text in ("", _plain(result.text))
    comparator, number = _split(_without_unit(text, _plain(result.unit)))
    return number is not None and (comparator, number) == (result.comparator, result.number)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).replace("≤", "<=").replace("≥", ">=")
    return " ".join(folded.casefold().split())


def _without_unit(text: str, unit: str) -> str:
    return text.removesuffix(unit).strip() if unit else text


def _split(text: str) -> tuple[str, Decimal | None]:
    comparator = next((c for c in COMPARATORS if text.startswith(c)), "")
    digits = text.removeprefix(comparator).strip()
    # `Decimal` also takes `nan`, `1e9` and `1_0`, which nobody reads back.
    if not digits.isascii() or not digits.removeprefix("-").replace(".", "", 1).isdigit():
        return comparator, None
    try:
        return comparator, Decimal(digits)
    except InvalidOperation:
        return comparator, None
