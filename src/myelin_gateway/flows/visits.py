"""Patients and their visits, kept right whatever order messages come in; and what each change means for open cases.

A visit's place and state follow the message that was said last, not the one that came last. A merged number stays
known, and leads to the patient who it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec
from msgspec.structs import replace

from myelin_gateway.flows import events as on
from myelin_gateway.flows.cases import Case, Ward
from myelin_gateway.flows.events import Event
from myelin_gateway.model import Patient, PatientsMerged, Place, Visit, VisitChanged, VisitEvent

VisitState = Literal["present", "left", "cancelled"]
WardOf = Callable[[Place], Ward]

# A01 to A03, A08, A11 to A13; what only updates leaves the state as it is.
STATES: Mapping[VisitEvent, VisitState | None] = {
    "admitted": "present",
    "transferred": "present",
    "discharged": "left",
    "updated": None,
    "unadmitted": "cancelled",
    "untransferred": "present",
    "undischarged": "present",
}


class KnownVisit(msgspec.Struct, frozen=True):
    """A visit as it was said last; `earlier` is where the patient lay before, for a transfer that is taken back."""

    visit: Visit
    state: VisitState
    said_at: int
    earlier: Place | None = None


class KnownPatient(msgspec.Struct, frozen=True):
    """A patient and all visits; `merged_into` is the number to use instead of this one."""

    patient: Patient
    said_at: int
    visits: tuple[KnownVisit, ...] = ()
    merged_into: str = ""

    def visit(self, visit_id: str) -> KnownVisit | None:
        return next((known for known in self.visits if known.visit.visit_id == visit_id), None)


class Visited(msgspec.Struct, frozen=True):
    """The patient as known now, and what their open cases must be told: some all, some those of the visit."""

    known: KnownPatient
    visit_id: str = ""
    of_patient: tuple[Event, ...] = ()
    of_visit: tuple[Event, ...] = ()

    def events(self, case: Case) -> tuple[Event, ...]:
        """What this case is told; a case of no known visit hears everything, rather than nothing."""
        concerned = not case.visit_id or case.visit_id == self.visit_id
        return (*self.of_patient, *(self.of_visit if concerned else ()))


class Merged(msgspec.Struct, frozen=True):
    """The survivor with everybody's visits, the numbers that lead there, and what the open cases of those are told."""

    survivor: KnownPatient
    merged: tuple[KnownPatient, ...]
    event: on.PatientMerged


def visit_changed(known: KnownPatient | None, news: VisitChanged, ward_of: WardOf) -> Visited:
    """Take in one message of a visit; what is older than what is known of that visit changes neither."""
    known = known or KnownPatient(news.patient, news.said_at)
    before = known.visit(news.visit.visit_id)
    if before and news.said_at < before.said_at:
        return Visited(known)
    after = _known_visit(before, news)
    others = tuple(visit for visit in known.visits if visit is not before)
    patient = news.patient if news.said_at >= known.said_at else known.patient
    said_at = max(news.said_at, known.said_at)
    updated = replace(known, patient=patient, said_at=said_at, visits=(*others, after))
    renamed = (on.PatientUpdated(patient),) if patient != known.patient else ()
    return Visited(updated, news.visit.visit_id, renamed, _told(before, after, ward_of))


def patients_merged(survivor: KnownPatient | None, merged: tuple[KnownPatient, ...], news: PatientsMerged) -> Merged:
    """Two numbers were one patient's: visits go to the survivor, and the old numbers lead there."""
    kept = survivor or KnownPatient(news.survivor, news.said_at)
    patient = news.survivor if news.said_at >= kept.said_at else kept.patient
    own = {visit.visit.visit_id for visit in kept.visits}
    theirs = [visit for gone in merged for visit in gone.visits if visit.visit.visit_id not in own]
    known = replace(kept, patient=patient, said_at=max(kept.said_at, news.said_at), visits=(*kept.visits, *theirs))
    numbers = {gone.patient.patient_id for gone in merged} | {number.value for number in news.merged}
    gone_by_number = {gone.patient.patient_id: gone for gone in merged}
    aliases = tuple(_alias(number, gone_by_number, patient, news) for number in sorted(numbers - {patient.patient_id}))
    return Merged(known, aliases, on.PatientMerged(patient))


def survivor_of(patient_id: str, merged_into: Mapping[str, str]) -> str:
    """The number to use, however often it was merged; a circle of merges ends at the number that it came from."""
    seen = [patient_id]
    while (following := merged_into.get(seen[-1])) and following not in seen:
        seen.append(following)
    return patient_id if following else seen[-1]


def _alias(number: str, known: Mapping[str, KnownPatient], survivor: Patient, news: PatientsMerged) -> KnownPatient:
    gone = known.get(number) or KnownPatient(Patient(number), news.said_at)
    return replace(gone, visits=(), merged_into=survivor.patient_id)


def _known_visit(before: KnownVisit | None, news: VisitChanged) -> KnownVisit:
    state = STATES[news.event] or (before.state if before else "present")
    place = _place(before, news)
    moved = before is not None and place != before.visit.place
    earlier = news.before or (before.visit.place if before and moved else before.earlier if before else None)
    return KnownVisit(replace(news.visit, place=place), state, news.said_at, earlier)


def _place(before: KnownVisit | None, news: VisitChanged) -> Place:
    """Where they lie by the message; where it says nothing, where they lay."""
    if news.visit.place != Place():
        return news.visit.place
    if news.event == "untransferred" and before and before.earlier:
        return before.earlier
    return before.visit.place if before else Place()


def _told(before: KnownVisit | None, after: KnownVisit, ward_of: WardOf) -> tuple[Event, ...]:
    """What a case sees of it: who went, who came back, who lies elsewhere."""
    was = before.state if before else "present"
    if after.state != "present":
        return (on.PatientLeft(),) if was == "present" else ()
    returned: tuple[Event, ...] = (on.PatientReturned(),) if was != "present" else ()
    place = after.visit.place
    moved = place != Place() and (before is None or place != before.visit.place)
    return (*returned, on.PatientMoved(place, ward_of(place))) if moved else returned
