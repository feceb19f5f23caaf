"""What a partner's codes mean in this hospital: wards, staff, analytes, flags, as the partner's CSV files say.

Values only; `map_files` reads them, `map_checks` says what cannot work in them. A code that is not here is never
guessed: whoever asks says that it is not mapped.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import get_args

import msgspec

from myelin_gateway.model import CRITICAL_FLAGS, Analyte, Flag

STANDARD_FLAGS: Mapping[str, Flag] = MappingProxyType({flag: flag for flag in get_args(Flag)})


class Ward(msgspec.Struct, frozen=True):
    """Who is behind PV1-3.1: the department, the nurses' role, the card station, and the ladder of critical values."""

    department: str
    nurse_role: str
    station: str = ""
    ladder: str = ""


class Limits(msgspec.Struct, frozen=True):
    """What is known of an analyte; critical is below `low` and above `high`, in `unit`. Without them: by flag only."""

    loinc: str = ""
    unit: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    name: str = ""


class Analytes(msgspec.Struct, frozen=True):
    """The analytes of a partner by its own codes; a LOINC code finds its row too."""

    by_code: Mapping[str, Limits]
    by_loinc: Mapping[str, Limits]

    def limits_of(self, analyte: Analyte) -> Limits | None:
        return self.by_code.get(analyte.code) or self.by_loinc.get(analyte.loinc or "")


class PatientNumbers(msgspec.Struct, frozen=True):
    """Which number of a list (PID-3) is the patient's own: kinds of table 0203, the first that is there.

    Never a visit's or the state's: whoever has those differs by system. With `authority` (PID-3.4) only its numbers.
    """

    kinds: tuple[str, ...] = ("MR", "PI", "PT", "")
    authority: str = ""


def analytes_of(rows: Mapping[str, Limits]) -> Analytes:
    """Return the analytes of these rows; of several rows with one LOINC code the first counts."""
    by_loinc: dict[str, Limits] = {}
    for limits in rows.values():
        if limits.loinc:
            by_loinc.setdefault(limits.loinc, limits)
    return Analytes(rows, by_loinc)


class Maps(msgspec.Struct, frozen=True):
    """All that a partner's codes mean; empty maps are allowed: then everything goes to the fallback role."""

    wards: Mapping[str, Ward] = msgspec.field(default_factory=dict)
    staff: Mapping[str, str] = msgspec.field(default_factory=dict)
    analytes: Analytes = msgspec.field(default_factory=lambda: analytes_of({}))
    flags: Mapping[str, Flag] = msgspec.field(default_factory=dict)
    numbers: PatientNumbers = PatientNumbers()

    def flag_of(self, text: str) -> Flag | None:
        """Return what a flag means: first as the partner's map says, then as the standard does."""
        return self.flags.get(text) or STANDARD_FLAGS.get(text)

    @property
    def critical_flags(self) -> frozenset[str]:
        """Return every text that is a critical flag of this partner's."""
        return frozenset(text for text in {*self.flags, *STANDARD_FLAGS} if self.flag_of(text) in CRITICAL_FLAGS)
