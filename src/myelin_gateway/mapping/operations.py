"""SIU as operations: what is planned now, and whom this message takes out of the plan."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from myelin_gateway.hl7v2 import DEFAULT, Segment
from myelin_gateway.mapping.faults import FaultReason, Unmappable
from myelin_gateway.mapping.people import patient_of, staff_of, visit_of
from myelin_gateway.mapping.times import hl7_instant
from myelin_gateway.mapping.values import value_of_text
from myelin_gateway.mapping.visits import the_only_patient
from myelin_gateway.model import OperationChange, OperationChanged, OperationPlan, StaffReference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from myelin_gateway.hl7v2 import Field, Message
    from myelin_gateway.mapping.maps import Maps

CHANGES: dict[str, OperationChange] = {
    "S12": "planned",
    "S13": "moved",
    "S14": "changed",
    "S15": "cancelled",
    "S16": "cancelled",
    "S17": "cancelled",
    "S26": "not_shown",
}
# Seconds and hours as minutes; without a unit a duration is in minutes.
MINUTES = {"S": Decimal(1) / 60, "SEC": Decimal(1) / 60, "H": Decimal(60), "HR": Decimal(60), "HOUR": Decimal(60)}
LONGEST_MINUTES = 7 * 24 * 60
# Segment action code (table 0206): "D" takes out.
DELETE = "D"

ABSENT = Segment("", (), DEFAULT)

Team = tuple[tuple[str, StaffReference], ...]


def operation_changed(message: Message, maps: Maps, said_at: int) -> OperationChanged:
    """Return what happened to an operation; raises Unmappable."""
    pid, pv1, sch = the_only_patient(message), message.segment("PV1"), message.segment("SCH")
    ais = first_kept(message.all("AIS"))
    operation_id = sch.value(1).strip() or sch.value(2).strip()
    if not operation_id:
        raise Unmappable(FaultReason.NO_OPERATION, "SCH-1")
    title = words(ais.field(3)) or words(sch.field(7))
    plan = OperationPlan(
        operation_id=operation_id,
        title=title,
        patient=patient_of(pid, maps.numbers),
        starts_at=starts_at(message, ais, sch),
        minutes=minutes_of(ais.value(7), ais.value(8)) or minutes_of(sch.value(9), sch.value(10)),
        theatre=theatre_of(first_kept(message.all("AIL")).field(3)),
        staff=team(each for each in message.all("AIP") if action(each) != DELETE),
        visit=visit_of(pv1) if pv1 else None,
    )
    reasons = dict.fromkeys(each for each in (words(sch.field(6)), words(sch.field(7))) if each and each != title)
    removed = team(each for each in message.all("AIP") if action(each) == DELETE)
    return OperationChanged(CHANGES[message.header.value(9, 2)], plan, said_at, "，".join(reasons), removed)


def action(segment: Segment) -> str:
    return segment.value(2).strip().upper()


def first_kept(segments: tuple[Segment, ...]) -> Segment:
    """Return the first segment that is not taken out; where all are, the first, and an absent one of none."""
    kept = [each for each in segments if action(each) != DELETE]
    return (kept or list(segments) or [ABSENT])[0]


def words(field: Field) -> str:
    return field.component(2).strip() or field.component(5).strip() or field.component(1).strip()


def starts_at(message: Message, ais: Segment, sch: Segment) -> int | None:
    """Return the start: of the service (AIS-4), of TQ1-7, or of SCH-11, which since version 2.7 may be a leftover."""
    texts = (ais.value(4), message.segment("TQ1").value(7), sch.value(11, 4))
    return next((at for text in texts if (at := hl7_instant(text)) is not None), None)


def minutes_of(text: str, unit: str) -> int | None:
    value = value_of_text(text)
    if value.number is None or value.comparator:
        return None
    minutes = value.number * MINUTES.get(unit.strip().upper().rstrip("."), Decimal(1))
    return round(minutes) if 0 < minutes <= LONGEST_MINUTES else None


def theatre_of(field: Field) -> str:
    return " ".join(part for part in (field.component(1).strip(), field.component(2).strip()) if part)


def team(segments: Iterable[Segment]) -> Team:
    """Return who does what, as AIP says."""
    return tuple((words(each.field(4)), person) for each in segments for person in staff_of(each.field(3)))
