"""One OBX as results: the value as it came, a number beside it for comparison, unit, flags and status."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import msgspec

from myelin_gateway.mapping.faults import FaultReason, Unmappable
from myelin_gateway.mapping.times import hl7_instant
from myelin_gateway.model import CRITICAL_FLAGS, Analyte, Flag, Result, ResultStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from myelin_gateway.hl7v2 import Field, Segment
    from myelin_gateway.mapping.maps import Maps

Comparator = Literal["", "<", "<=", ">", ">="]
COMPARATORS: dict[str, Comparator] = {
    "": "", "=": "", "<": "<", "<=": "<=", "=<": "<=", "≤": "<=", ">": ">", ">=": ">=", "=>": ">=", "≥": ">=",
}  # fmt: skip

# HL7 table 0085 as what it means to a reader: what is not final yet is preliminary, and "transmitted for wrong
# patient" is deleted.
STATUSES: dict[str, ResultStatus] = {
    "F": "F", "U": "F", "V": "F",
    "P": "P", "I": "P", "N": "P", "O": "P", "R": "P", "S": "P",
    "C": "C", "A": "C", "B": "C",
    "X": "X", "D": "D", "W": "D",
}  # fmt: skip

NUMBER = re.compile(
    r"(<=|>=|=<|=>|[<>=≤≥]?) *([+-]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})(?:[Ee][+-]?\d{1,2})?)", re.ASCII
)
LONGEST_NUMBER = 40
# As typed on a Chinese keyboard.
WIDE = str.maketrans("０１２３４５６７８９．＜＞＝＋－−", "0123456789.<>=+--")
# Documents and pointers are not read out: whoever wants one opens the report.
SEE_THE_REPORT = "见报告原文"
FLAG_FIELD, STATUS_FIELD = 8, 11


class Value(msgspec.Struct, frozen=True, gc=False):
    """What everybody is shown, and the number in it where it is one."""

    text: str
    number: Decimal | None = None
    comparator: Comparator = ""


def value_of_text(text: str) -> Value:
    """Return a text as it came; `6.8`, `<0.1` and `＞１０` are numbers too, whatever type they are declared."""
    plain = text.strip()
    found = NUMBER.fullmatch(plain.translate(WIDE)) if len(plain) <= LONGEST_NUMBER else None
    return Value(plain, Decimal(found[2]), COMPARATORS[found[1]]) if found else Value(plain)


def prose(field: Field) -> Value:
    return value_of_text(field.prose)


def simple(field: Field) -> Value:
    """Return a number (NM), whose repetitions are results of their own."""
    return value_of_text(field.value)


def structured(field: Field) -> Value:
    """Return a structured number (SN): `<^10`, `^10^-^20`, `^1^:^128`, `^2^+`; a range or a ratio is no number."""
    comparator, number, separator, second = (field.component(place).strip() for place in range(1, 5))
    text = f"{comparator}{number}{separator}{second}"
    if separator or second:
        return Value(text)
    # What was not split is a number in a wrong type: `<10`, `5`.
    return value_of_text(text) if comparator in COMPARATORS or not number else Value(text)


def coded(field: Field) -> Value:
    """Return a coded value (CE, CWE, CNE) in words: as typed, as the code says, or the code."""
    texts = [field.component(place).strip() for place in (9, 2, 5, 1)]
    return value_of_text(next((text for text in texts if text), ""))


def document(field: Field) -> Value:
    return Value(SEE_THE_REPORT if field else "")


# HL7 table 0125; every other type is read as the text that it is.
READERS: dict[str, Callable[[Field], Value]] = {
    "NM": simple, "SN": structured, "CE": coded, "CWE": coded, "CNE": coded, "CF": coded,
    "ED": document, "RP": document,
}  # fmt: skip
REPEATING = frozenset({"NM", "SN", "CE", "CWE", "CNE", "CF"})


def results_of(obx: Segment, observed_at: int | None, maps: Maps, place: str) -> tuple[Result, ...]:
    """Return the results of one OBX: one for each repetition of its value; none where it says nothing yet.

    `observed_at` is the group's time (OBR-7). Raises Unmappable.
    """
    check_not_shifted(obx, maps, place)
    flags, unknown = flags_of(obx.field(FLAG_FIELD), maps)
    shared = Result(
        analyte=analyte_of(obx.field(3), maps),
        text="",
        status=status_of(obx, place),
        unit=unit_of(obx.field(6)),
        reference=obx.field(7).prose.strip(),
        flags=flags,
        observed_at=hl7_instant(obx.value(14)) or observed_at,
        sub_id=obx.value(4).strip(),
        unknown_flags=unknown,
    )
    kept = [value for value in values_of(obx) if value.text]
    if obx.field(5).is_null and not flags:
        # "Delete what you know": whoever was told the value before hears that it is gone.
        return (msgspec.structs.replace(shared, status="D"),)
    if not kept:
        return (shared,) if flags or shared.status in {"C", "X", "D"} else ()
    return tuple(
        msgspec.structs.replace(shared, text=each.text, number=each.number, comparator=each.comparator) for each in kept
    )


def values_of(obx: Segment) -> list[Value]:
    kind, field = obx.value(2).strip().upper(), obx.field(5)
    if field.is_null:
        return []
    read = READERS.get(kind, prose)
    return [read(each) for each in field.repetitions] if kind in REPEATING else [read(field)]


def check_not_shifted(obx: Segment, maps: Maps, place: str) -> None:
    """Raise Unmappable where flag or status stand beside their fields, and so would be read as nothing.

    A hanzi that was cut in half makes another one of the separator that follows (decision 0031).
    """
    if not obx.value(STATUS_FIELD) and obx.value(STATUS_FIELD - 1) in {"F", "P", "C", "X", "D"}:
        raise Unmappable(FaultReason.SHIFTED_FIELDS, f"{place}-{STATUS_FIELD - 1}")
    for number in (FLAG_FIELD - 2, FLAG_FIELD - 1, FLAG_FIELD + 1):
        if maps.flag_of(obx.value(number).strip()) in CRITICAL_FLAGS:
            raise Unmappable(FaultReason.SHIFTED_FIELDS, f"{place}-{number}")


def status_of(obx: Segment, place: str) -> ResultStatus:
    """Return the status; an empty one is final, as in systems that know no other."""
    text = obx.value(STATUS_FIELD).strip().upper() or "F"
    if text not in STATUSES:
        raise Unmappable(FaultReason.UNKNOWN_STATUS, f"{place}-{STATUS_FIELD}")
    return STATUSES[text]


def flags_of(field: Field, maps: Maps) -> tuple[tuple[Flag, ...], tuple[str, ...]]:
    """Return the flags of all repetitions, each once, and what else stands there."""
    texts = [each.value.strip() or each.component(2).strip() for each in field.repetitions]
    meant = {text: maps.flag_of(text) for text in texts if text}
    known = dict.fromkeys(flag for flag in meant.values() if flag)
    return tuple(known), tuple(text for text, flag in meant.items() if flag is None)


def analyte_of(field: Field, maps: Maps) -> Analyte:
    """Return what was measured: by the partner's map, by a LOINC code that stands there, or as the code alone."""
    code, name, system, other_code, other_name, other_system = (field.component(n).strip() for n in range(1, 7))
    own = next((each for each in (code, other_code) if each in maps.analytes.by_code), code or other_code or name)
    limits = maps.analytes.by_code.get(own)
    named = {"LN": code} if system == "LN" else {"LN": other_code} if other_system == "LN" else {}
    loinc = (limits.loinc if limits else "") or named.get("LN") or None
    return Analyte(own, name or other_name or (limits.name if limits else "") or own, loinc)


def unit_of(field: Field) -> str:
    """Return the unit; `10^9/L` is often sent as it is read, and falls into two components then."""
    whole = field.prose.strip()
    return whole if re.match(r"[x×*]? ?10\^\d", whole) else field.value.strip() or field.component(2).strip()
