"""Patients, visits and staff out of PID, PV1 and names (CX, XPN, XCN)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from myelin_gateway.mapping.faults import FaultReason, Unmappable
from myelin_gateway.model import Identifier, Patient, PatientClass, Place, StaffReference, Visit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from myelin_gateway.hl7v2 import Field, Segment
    from myelin_gateway.mapping.maps import PatientNumbers

# HL7 table 0004.
CLASSES: dict[str, PatientClass] = {"I": "inpatient", "O": "outpatient", "E": "emergency"}
# HL7 table 0001, and what Chinese systems write instead (GB/T 2261.1).
SEXES = {each: each for each in "FMOUAN"} | {"男": "M", "女": "F", "1": "M", "2": "F", "0": "U", "9": "O"}
BIRTH_DATE = re.compile(r"(?:18|19|20)\d\d(?:-?\d\d){0,2}", re.ASCII)
# Replacement, control and private characters, and what senders write for a hanzi that they could not.
DOUBTFUL = re.compile("[\ufffd\x00-\x1f\x7f-\x9f\ue000-\uf8ff\U000f0000-\U0010ffff?？□■〓]")
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
LATIN = re.compile(r"[A-Za-zÀ-ɏ]")


def patient_of(pid: Segment, numbers: PatientNumbers, place: str = "PID") -> Patient:
    """Return the patient; raises Unmappable where no number of theirs is there, or nobody can say which."""
    identifiers = identifiers_of(pid.field(3))
    name, birth, sex = name_of(pid.field(5)), pid.value(7).strip(), pid.value(8).strip().upper()
    born = BIRTH_DATE.match(birth)
    # Half a hanzi at the end of a name takes the separator with it: every later field stands one too early then.
    is_shifted = bool(birth and not born)
    return Patient(
        patient_id=own_number(identifiers, numbers, f"{place}-3"),
        name=name,
        sex="" if is_shifted else SEXES.get(sex, ""),
        birth_date=born[0].replace("-", "") if born else "",
        identifiers=identifiers,
        name_is_doubtful=is_shifted or DOUBTFUL.search(name) is not None,
    )


def own_number(identifiers: Iterable[Identifier], numbers: PatientNumbers, place: str) -> str:
    """Return the one number that the hospital knows the patient by; raises Unmappable."""
    values = own_numbers(identifiers, numbers)
    if not values:
        raise Unmappable(FaultReason.NO_PATIENT, place)
    if len(set(values)) > 1:
        raise Unmappable(FaultReason.AMBIGUOUS_PATIENT, place)
    return values[0]


def own_numbers(identifiers: Iterable[Identifier], numbers: PatientNumbers) -> list[str]:
    """Return the numbers of the first kind of which there are any."""
    ours = [each for each in identifiers if not numbers.authority or each.authority == numbers.authority]
    for kind in numbers.kinds:
        values = [each.value for each in ours if each.kind == kind]
        if values:
            return values
    return []


def identifiers_of(field: Field) -> tuple[Identifier, ...]:
    found = (
        Identifier(each.value.strip(), each.component(5).strip(), each.component(4).strip())
        for each in field.repetitions
    )
    return tuple(each for each in found if each.value)


def name_of(field: Field) -> str:
    """Return a person's name (XPN) as it is read: 张三, and EVERYMAN ADAM."""
    return joined_name(field.component(1), field.component(2))


def joined_name(family: str, given: str) -> str:
    family, given = printable(family), printable(given)
    space = " " if LATIN.search(family) and LATIN.search(given) else ""
    return f"{family}{space}{given}"


def printable(name: str) -> str:
    """Return a name that can be stored and shown anywhere: what is no character becomes U+FFFD, and stays doubtful."""
    return CONTROLS.sub("\ufffd", name.strip())


def staff_of(*fields: Field) -> tuple[StaffReference, ...]:
    """Return whom these fields (XCN) name, each code once, in this order."""
    found: dict[str, StaffReference] = {}
    for field in fields:
        for each in field.repetitions:
            code, name = each.value.strip(), joined_name(each.component(2), each.component(3))
            if code or name:
                found.setdefault(code or f" {name}", StaffReference(code, name))
    return tuple(found.values())


def visit_of(pv1: Segment) -> Visit:
    """Return the visit, as far as it is said; its number may not be."""
    return Visit(
        visit_id=pv1.value(19).strip(),
        patient_class=CLASSES.get(pv1.value(2).strip().upper(), "other"),
        place=place_of(pv1.field(3)),
        attending=staff_of(pv1.field(7)),
    )


def place_of(field: Field) -> Place:
    return Place(field.component(1).strip(), field.component(2).strip(), field.component(3).strip())
