"""Patients and visits stay right, whatever order messages come in; and open cases hear what concerns them."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from myelin_gateway.flows.cases import Ward
from myelin_gateway.flows.events import Event, PatientLeft, PatientMerged, PatientMoved, PatientReturned, PatientUpdated
from myelin_gateway.flows.visits import KnownPatient, Visited, patients_merged, survivor_of, visit_changed
from myelin_gateway.model import Identifier, Patient, PatientsMerged, Place, Visit, VisitChanged
from tests.gateway.ward import MINUTE, PATIENT, T0, Story, a_case

HERE, THERE = Place("XN", "", "12"), Place("SN", "", "3")
What = Literal["admitted", "transferred", "discharged", "updated", "unadmitted", "untransferred", "undischarged"]


def ward_of(place: Place) -> Ward:
    return Ward({"XN": "心内科", "SN": "肾内科"}.get(place.ward, place.ward))


def said(
    event: What, minute: int, place: Place = HERE, visit_id: str = "V17", patient: Patient = PATIENT
) -> VisitChanged:
    return VisitChanged(event, patient, Visit(visit_id, "inpatient", place), T0 + minute * MINUTE)


def follow(*news: VisitChanged) -> Visited:
    visited = visit_changed(None, news[0], ward_of)
    for following in news[1:]:
        visited = visit_changed(visited.known, following, ward_of)
    return visited


MOVED_HERE, MOVED_THERE = PatientMoved(HERE, ward_of(HERE)), PatientMoved(THERE, ward_of(THERE))


@pytest.mark.parametrize(
    ("news", "state", "place", "told"),
    [
        ([("admitted", HERE)], "present", HERE, (MOVED_HERE,)),
        ([("admitted", HERE), ("transferred", THERE)], "present", THERE, (MOVED_THERE,)),
        ([("admitted", HERE), ("transferred", THERE), ("untransferred", HERE)], "present", HERE, (MOVED_HERE,)),
        ([("admitted", HERE), ("transferred", THERE), ("untransferred", Place())], "present", HERE, (MOVED_HERE,)),
        ([("admitted", HERE), ("discharged", HERE)], "left", HERE, (PatientLeft(),)),
        ([("admitted", HERE), ("discharged", HERE), ("undischarged", HERE)], "present", HERE, (PatientReturned(),)),
        ([("admitted", HERE), ("unadmitted", HERE)], "cancelled", HERE, (PatientLeft(),)),
        ([("admitted", HERE), ("discharged", HERE), ("updated", HERE)], "left", HERE, ()),
        ([("discharged", HERE)], "left", HERE, (PatientLeft(),)),
        ([("admitted", HERE), ("updated", Place())], "present", HERE, ()),
    ],
)
def test_admissions_transfers_and_discharges_and_what_takes_them_back(
    news: list[tuple[What, Place]], state: str, place: Place, told: tuple[Event, ...]
) -> None:
    visited = follow(*(said(what, minute, where) for minute, (what, where) in enumerate(news)))
    (visit,) = visited.known.visits
    assert (visit.state, visit.visit.place) == (state, place)
    assert visited.events(a_case()) == told


@given(st.permutations([said("admitted", 0), said("transferred", 1, THERE), said("updated", 2, THERE)]))
def test_the_order_of_arrival_does_not_matter(news: list[VisitChanged]) -> None:
    (visit,) = follow(*news).known.visits
    assert (visit.state, visit.visit.place, visit.said_at) == ("present", THERE, T0 + 2 * MINUTE)


def test_another_visit_of_the_patient_moves_no_case_of_this_one() -> None:
    visited = follow(said("admitted", 0), said("admitted", 1, THERE, "V99"))
    assert visited.events(a_case(visit_id="V17")) == ()
    assert visited.events(a_case(visit_id="V99")) == (MOVED_THERE,)
    assert len(visited.known.visits) == 2


def test_a_name_that_was_mended_reaches_every_case() -> None:
    mended = replace(PATIENT, name="测试患者乙")
    visited = follow(said("admitted", 0), said("updated", 1, patient=mended))
    assert visited.events(a_case(visit_id="another")) == (PatientUpdated(mended),)
    story = Story().on(PatientUpdated(mended))
    assert "测试患者乙" in story.card("1001").body
    assert not story.rung()


def test_a_merge_takes_visits_and_open_cases_to_the_survivor() -> None:
    survivor = Patient("T000099", "测试患者甲")
    old = follow(said("admitted", 0)).known
    merged = patients_merged(None, (old,), PatientsMerged(survivor, (Identifier("T000017"),), T0 + MINUTE))
    assert [visit.visit.visit_id for visit in merged.survivor.visits] == ["V17"]
    assert [(gone.patient.patient_id, gone.merged_into, gone.visits) for gone in merged.merged] == [
        ("T000017", "T000099", ())
    ]
    assert merged.event == PatientMerged(survivor)
    # A number that nobody has seen yet leads to the survivor too.
    unknown = patients_merged(KnownPatient(survivor, T0), (), PatientsMerged(survivor, (Identifier("T5"),), T0))
    assert unknown.merged[0].merged_into == "T000099"


def test_numbers_that_were_merged_again_and_again_lead_to_the_last_and_circles_end() -> None:
    assert survivor_of("a", {"a": "b", "b": "c"}) == "c"
    assert survivor_of("c", {"a": "b"}) == "c"
    assert survivor_of("a", {"a": "b", "b": "a"}) == "a"
