"""Units: how they are spelt, and the few conversions that a table allows."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# mg/dL in one mmol/L, by substance: its molar mass (g/mol) over ten.
MG_PER_DL: Mapping[str, Decimal] = {
    "glucose": Decimal("18.016"),
    "calcium": Decimal("4.008"),
    "magnesium": Decimal("2.431"),
}
# Of blood, serum or plasma; calcium total and ionised.
SUBSTANCES: Mapping[str, str] = {
    "15074-8": "glucose",
    "14749-6": "glucose",
    "2339-0": "glucose",
    "2345-7": "glucose",
    "2000-8": "calcium",
    "17861-6": "calcium",
    "1994-3": "calcium",
    "2601-3": "magnesium",
    "19123-9": "magnesium",
}
SPELLINGS = str.maketrans({"／": "/", "µ": "u", "μ": "u", "＊": "*", "×": "x", "（": "(", "）": ")", " ": None})
POWER = re.compile(r"^[x*]?10(?:\^|\*\*|\*|e)?([3-9]|12)/")
# Written by many, and read alike by everybody.
ALIKE = {"sec": "s", "秒": "s", "mmhg": "mm[hg]"}


def spelt(unit: str) -> str:
    """Return a unit as its spellings are compared: `10^9/L`, `x10*9/l` and `10E9/L` are one, as are `g/L` and `G/L`.

    Only units of one analyte are ever compared, and none is measured in two that differ by case alone.
    """
    plain = POWER.sub(r"10*\1/", unit.translate(SPELLINGS).casefold()).rstrip(".")
    return ALIKE.get(plain, plain)


def converted(number: Decimal, unit: str, wanted: str, loinc: str) -> Decimal | None:
    """Return a number of `unit` in the `wanted` one; None where no table says how."""
    here, there = spelt(unit), spelt(wanted)
    if here == there:
        return number
    factor = MG_PER_DL.get(SUBSTANCES.get(loinc, ""))
    if factor and (here, there) == ("mg/dl", "mmol/l"):
        return number / factor
    if factor and (here, there) == ("mmol/l", "mg/dl"):
        return number * factor
    return None
