"""ORU^R01 as reports: one for each number of a report (OBR-3), whatever order its groups come in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from myelin_gateway.mapping.criticality import flagged
from myelin_gateway.mapping.faults import FaultReason, Unmappable
from myelin_gateway.mapping.people import patient_of, staff_of, visit_of
from myelin_gateway.mapping.times import hl7_instant
from myelin_gateway.mapping.values import results_of
from myelin_gateway.model import Patient, Report, ReportIssued, Result, ResultStatus, Visit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from myelin_gateway.hl7v2 import Message, Segment
    from myelin_gateway.mapping.maps import Maps


# HL7 table 0123, as far as there is anything to read; "some results available" is preliminary.
REPORT_STATUSES: dict[str, ResultStatus] = {
    "F": "F",
    "C": "C",
    "X": "X",
    "P": "P",
    "A": "P",
    "R": "P",
    "S": "P",
    "I": "P",
}
READ = frozenset({"PV1", "ORC", "OBR", "OBX"})


class Group(msgspec.Struct):
    """One order: ORC and OBR as they came, and each OBX with its place and the comments below it."""

    orc: Segment
    obr: Segment
    results: list[tuple[Segment, str, list[str]]] = msgspec.field(default_factory=list)


class Subject(msgspec.Struct):
    """One patient of a message and what was found of them; a message may hold several."""

    pid: Segment
    place: str
    pv1: Segment
    groups: list[Group] = msgspec.field(default_factory=list)


def reports_of(message: Message, maps: Maps, said_at: int) -> tuple[ReportIssued, ...]:
    """Return the reports of a message; raises Unmappable."""
    issued: list[ReportIssued] = []
    for subject in subjects_of(message, maps):
        patient = patient_of(subject.pid, maps.numbers, subject.place)
        visit = visit_of(subject.pv1) if subject.pv1 else None
        reports: dict[str, Report] = {}
        for group in subject.groups:
            report = report_of(group, patient, visit, maps)
            earlier = reports.get(report.report_id)
            reports[report.report_id] = put_together(earlier, report) if earlier else report
        issued += [ReportIssued(report, said_at) for report in reports.values()]
    if not issued:
        raise Unmappable(FaultReason.NO_REPORT, "OBR")
    return tuple(issued)


def subjects_of(message: Message, maps: Maps) -> list[Subject]:
    """Return the patients with their groups: PID, PV1, then ORC and OBR with what follows them."""
    nothing, subjects = message.segment(""), list[Subject]()
    orc, obx_count, several = nothing, 0, len(message.all("PID")) > 1
    for segment in message.segments:
        obx_count += segment.name == "OBX"
        if segment.name == "PID":
            place = f"PID[{len(subjects) + 1}]" if several else "PID"
            subjects.append(Subject(segment, place, nothing))
            orc = nothing
        elif segment.name in READ and not subjects:
            raise Unmappable(FaultReason.NO_PATIENT, "PID")
        elif segment.name == "PV1":
            subjects[-1].pv1 = segment
        elif segment.name == "ORC":
            orc = segment
        elif segment.name == "OBR":
            subjects[-1].groups.append(Group(orc, segment))
            orc = nothing
        elif segment.name == "OBX":
            add_result(subjects[-1], segment, f"OBX[{obx_count}]", maps)
        elif segment.name == "NTE":
            add_comment(subjects, segment)
    return subjects


def add_result(subject: Subject, obx: Segment, place: str, maps: Maps) -> None:
    if subject.groups:
        subject.groups[-1].results.append((obx, place, []))
    # What is known of a patient, as weight and height, may stand before the first report; a critical value may not.
    elif any(each.value.strip() in maps.critical_flags for each in obx.field(8).repetitions):
        raise Unmappable(FaultReason.NO_REPORT, place)


def add_comment(subjects: list[Subject], nte: Segment) -> None:
    """Keep a comment with the result above it; what stands below OBR is about the order."""
    groups = subjects[-1].groups if subjects else []
    comment = nte.field(3).prose.strip()
    if comment and groups and groups[-1].results:
        groups[-1].results[-1][2].append(comment)


def report_of(group: Group, patient: Patient, visit: Visit | None, maps: Maps) -> Report:
    orc, obr = group.orc, group.obr
    report_id = obr.value(3).strip() or orc.value(3).strip()
    if not report_id:
        raise Unmappable(FaultReason.NO_REPORT, "OBR-3")
    results = tuple(commented(group, maps))
    return Report(
        report_id=report_id,
        title=obr.value(4, 2).strip() or obr.value(4, 5).strip() or obr.value(4).strip(),
        patient=patient,
        results=results,
        order_id=obr.value(2).strip() or orc.value(2).strip(),
        visit=visit,
        orderers=staff_of(obr.field(16), orc.field(12)),
        status=report_status(obr.value(25).strip().upper(), results),
        verified_at=hl7_instant(obr.value(22)) or last_analysis(group),
    )


def commented(group: Group, maps: Maps) -> Iterable[Result]:
    observed_at = hl7_instant(group.obr.value(7))
    for obx, place, comments in group.results:
        for result in results_of(obx, observed_at, maps, place):
            known = flagged(result, maps.analytes)
            yield msgspec.structs.replace(known, comment="\n".join(comments)) if comments else known


def last_analysis(group: Group) -> int | None:
    """Return when the last result was there (OBX-19), for senders that do not say when a report was verified."""
    return max((at for obx, _place, _comments in group.results if (at := hl7_instant(obx.value(19)))), default=None)


def report_status(text: str, results: tuple[Result, ...]) -> ResultStatus:
    """Return OBR-25; what its results say where it is empty or unknown."""
    return REPORT_STATUSES.get(text) or status_together(result.status for result in results)


def status_together(statuses: Iterable[ResultStatus]) -> ResultStatus:
    found = set(statuses)
    return "P" if "P" in found else "C" if "C" in found else "F"


def put_together(earlier: Report, later: Report) -> Report:
    """Return one report of two groups under one number, as laboratories send several panels of one sample."""
    verified = [at for at in (earlier.verified_at, later.verified_at) if at is not None]
    return msgspec.structs.replace(
        earlier,
        title=earlier.title if later.title in earlier.title else f"{earlier.title}、{later.title}",
        results=earlier.results + later.results,
        orderers=tuple(dict.fromkeys(earlier.orderers + later.orderers)),
        status=status_together((earlier.status, later.status)),
        verified_at=max(verified, default=None),
    )
