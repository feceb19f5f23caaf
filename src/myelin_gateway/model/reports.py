"""What the laboratory says."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec

from myelin_gateway.model.patients import Patient, StaffReference, Visit

# HL7 table 0078, as far as it says how bad it is; `>` and `<` are off the instrument's scale.
Flag = Literal["LL", "L", "N", "H", "HH", "A", "AA", ">", "<"]
CRITICAL_FLAGS: frozenset[Flag] = frozenset({"LL", "HH", "AA"})

# One critical case is open for a patient, an analyte and a direction; `abnormal` is that of texts.
Direction = Literal["low", "high", "abnormal"]

# HL7 table 0085: preliminary, final, corrected, deleted or wrong.
ResultStatus = Literal["P", "F", "C", "X", "D"]


class Analyte(msgspec.Struct, frozen=True):
    """What was measured: the code of the system that measured it, and the LOINC code where a map knows it."""

    code: str
    name: str
    loinc: str | None = None


class Result(msgspec.Struct, frozen=True):
    """One measured thing.

    `text` is the value as it came, and what everybody is shown. `number` is there where it is one, with `comparator`
    for `<10`; it serves comparison only.
    """

    analyte: Analyte
    text: str
    status: ResultStatus = "F"
    number: Decimal | None = None
    comparator: Literal["", "<", "<=", ">", ">="] = ""
    unit: str = ""
    reference: str = ""
    flags: tuple[Flag, ...] = ()
    observed_at: int | None = None
    # Tells apart results of one code in one report (OBX-4).
    sub_id: str = ""
    comment: str = ""
    # What stood beside the flags and means nothing here or in the partner's map.
    unknown_flags: tuple[str, ...] = ()


class Criticality(msgspec.Struct, frozen=True):
    """Why a result is critical: its `flag`, or the `bound` that it passes, in the unit that was sent, or both."""

    direction: Direction
    flag: Flag | None = None
    bound: Decimal | None = None


class Report(msgspec.Struct, frozen=True):
    """One report and its results.

    `report_id` is the filler's number (OBR-3), the same for every version; `order_id` the placer's (OBR-2). The clock
    of a critical value runs from `verified_at`.
    """

    report_id: str
    title: str
    patient: Patient
    results: tuple[Result, ...]
    order_id: str = ""
    visit: Visit | None = None
    orderers: tuple[StaffReference, ...] = ()
    status: ResultStatus = "F"
    verified_at: int | None = None
