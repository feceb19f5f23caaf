"""Whom it is about, where they lie, and who is responsible for them."""

from __future__ import annotations

from typing import Literal

import msgspec

PatientClass = Literal["inpatient", "outpatient", "emergency", "other"]


class Identifier(msgspec.Struct, frozen=True):
    """One number of somebody: what kind (MR, VN, NI: HL7 table 0203), and who gave it."""

    value: str
    kind: str = ""
    authority: str = ""


class Patient(msgspec.Struct, frozen=True):
    """A patient; `patient_id` is the number that the hospital knows them by in every system.

    `name_is_doubtful` where the name came with characters that nobody may trust: the numbers count then.
    """

    patient_id: str
    name: str = ""
    sex: str = ""
    birth_date: str = ""
    identifiers: tuple[Identifier, ...] = ()
    name_is_doubtful: bool = False


class Place(msgspec.Struct, frozen=True):
    """Where somebody lies, in the words of the system that said so."""

    ward: str = ""
    room: str = ""
    bed: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.ward, self.room, self.bed) if part)


class StaffReference(msgspec.Struct, frozen=True):
    """Somebody as a system names them: its own code, and the name beside it; who that is, a map says."""

    code: str
    name: str = ""


class Visit(msgspec.Struct, frozen=True):
    """A patient's stay or appointment."""

    visit_id: str
    patient_class: PatientClass = "other"
    place: Place = Place()
    attending: tuple[StaffReference, ...] = ()
