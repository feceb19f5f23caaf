"""Everything in a partner's maps that cannot work, or not as it is meant, with its file and line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from myelin_gateway.mapping.map_files import ANALYTES, STAFF, WARDS, Complaint, Read
from myelin_gateway.mapping.units import SUBSTANCES, spelt

if TYPE_CHECKING:
    from collections.abc import Iterator


class Known(msgspec.Struct, frozen=True):
    """What the directory and the settings have; None where nobody can say now, and nothing is compared."""

    employees: frozenset[str] | None = None
    departments: frozenset[str] | None = None
    roles: frozenset[str] | None = None
    ladders: frozenset[str] | None = None


def check_maps(read: Read, known: Known, fallback_role: str = "") -> tuple[Complaint, ...]:
    """Return every complaint about a partner's maps: of the files, then of what they name."""
    found = [*read.complaints, *ward_complaints(read, known), *staff_complaints(read, known)]
    found += [*analyte_complaints(read), *fallback_complaints(known, fallback_role)]
    return tuple(found)


def ward_complaints(read: Read, known: Known) -> Iterator[Complaint]:
    for code, ward in read.maps.wards.items():
        named = (
            ("department", ward.department, known.departments),
            ("nurse_role", ward.nurse_role, known.roles),
            ("ladder", ward.ladder, known.ladders),
        )
        for column, name, names in named:
            if name and names is not None and name not in names:
                yield Complaint(WARDS.file, read.lines[WARDS.file][code], f"{column}: nobody knows {name!r}.")


def staff_complaints(read: Read, known: Known) -> Iterator[Complaint]:
    for code, employee in read.maps.staff.items():
        if known.employees is not None and employee not in known.employees:
            line = read.lines[STAFF.file][code]
            yield Complaint(STAFF.file, line, f"The directory has no employee {employee!r}.")


def analyte_complaints(read: Read) -> Iterator[Complaint]:
    analytes = read.maps.analytes
    for code, limits in analytes.by_code.items():
        line = read.lines[ANALYTES.file][code]
        has_limits = limits.low is not None or limits.high is not None
        if has_limits and not limits.unit:
            text = "low and high without a unit count only for results that have none."
            yield Complaint(ANALYTES.file, line, text, is_warning=True)
        if limits.loinc in SUBSTANCES and has_limits and spelt(limits.unit) not in {"mmol/l", "mg/dl"}:
            text = f"{limits.unit!r} is compared with itself only; mmol/L and mg/dL are converted."
            yield Complaint(ANALYTES.file, line, text, is_warning=True)
        first = analytes.by_loinc.get(limits.loinc)
        if first is not None and (first.unit, first.low, first.high) != (limits.unit, limits.low, limits.high):
            text = f"{limits.loinc} stands above with other limits; results that come by LOINC code take those."
            yield Complaint(ANALYTES.file, line, text, is_warning=True)


def fallback_complaints(known: Known, fallback_role: str) -> Iterator[Complaint]:
    if not fallback_role:
        text = "Without a fallback role, what cannot be mapped goes to the phone desk."
        yield Complaint("fallback_role", 0, text, is_warning=True)
    elif known.roles is not None and fallback_role not in known.roles:
        yield Complaint("fallback_role", 0, f"Nobody knows the role {fallback_role!r}.")
