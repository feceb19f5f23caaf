"""ADT as visits and merges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from myelin_gateway.mapping.faults import FaultReason, Unmappable
from myelin_gateway.mapping.people import identifiers_of, own_numbers, patient_of, place_of, visit_of
from myelin_gateway.model import PatientsMerged, VisitChanged, VisitEvent

if TYPE_CHECKING:
    from myelin_gateway.hl7v2 import Message, Segment
    from myelin_gateway.mapping.maps import Maps

EVENTS: dict[str, VisitEvent] = {
    "A01": "admitted",
    "A02": "transferred",
    "A03": "discharged",
    "A04": "admitted",
    "A08": "updated",
    "A11": "unadmitted",
    "A12": "untransferred",
    "A13": "undischarged",
    "A31": "updated",
}


def visit_changed(message: Message, maps: Maps, said_at: int) -> VisitChanged:
    """Return what happened to a visit; raises Unmappable."""
    pid, pv1 = the_only_patient(message), message.segment("PV1")
    before = place_of(pv1.field(6))
    return VisitChanged(
        event=EVENTS[message.header.value(9, 2)],
        patient=patient_of(pid, maps.numbers),
        visit=visit_of(pv1),
        said_at=said_at,
        before=before if str(before) else None,
    )


def the_only_patient(message: Message) -> Segment:
    """Return PID of a message that is about one patient; raises Unmappable."""
    if len(message.all("PID")) > 1:
        raise Unmappable(FaultReason.SEVERAL_PATIENTS, "PID[2]")
    return message.segment("PID")


def merges_of(message: Message, maps: Maps, said_at: int) -> tuple[PatientsMerged, ...]:
    """Return the merges of a message, one for each PID with its MRG; raises Unmappable."""
    groups = message.groups("PID")
    if not groups:
        raise Unmappable(FaultReason.NO_PATIENT, "PID")
    several = len(groups) > 1
    return tuple(
        merge_of(group, f"[{place}]" if several else "", maps, said_at) for place, group in enumerate(groups, 1)
    )


def merge_of(group: tuple[Segment, ...], number: str, maps: Maps, said_at: int) -> PatientsMerged:
    """Return one merge: only numbers of the kind that is the patient's own are given up.

    MRG-1 may repeat an identity card or a visit, which stay whose they are.
    """
    survivor = patient_of(group[0], maps.numbers, f"PID{number}")
    mrg = [segment for segment in group if segment.name == "MRG"]
    identifiers = tuple(each for segment in mrg for each in identifiers_of(segment.field(1)))
    given_up = set(own_numbers(identifiers, maps.numbers)) - {survivor.patient_id}
    merged = tuple(each for each in identifiers if each.value in given_up)
    if not merged:
        raise Unmappable(FaultReason.NO_MERGED_PATIENT, f"MRG{number}-1")
    return PatientsMerged(survivor, merged, said_at)
