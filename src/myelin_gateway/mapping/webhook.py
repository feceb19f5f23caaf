"""JSON as news, for systems that have no HL7 (docs/integration.md, "Webhook").

Strict where HL7 is lenient: the interface is new for whoever writes it, so a misspelt key, a number that is no text or
a time without a zone is refused at once, and not found out by a patient.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from myelin_gateway.mapping.criticality import flagged
from myelin_gateway.mapping.faults import Fault, FaultReason, Unmappable
from myelin_gateway.mapping.people import DOUBTFUL, printable
from myelin_gateway.mapping.times import web_instant
from myelin_gateway.mapping.values import value_of_text
from myelin_gateway.model import (
    Analyte,
    Identifier,
    News,
    OperationChange,
    OperationChanged,
    OperationPlan,
    Patient,
    PatientClass,
    PatientsMerged,
    Place,
    Report,
    ReportIssued,
    Result,
    ResultStatus,
    StaffReference,
    Visit,
    VisitChanged,
    VisitEvent,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from myelin_gateway.mapping.maps import Maps

Text = Annotated[str, msgspec.Meta(max_length=20_000)]
Name = Annotated[str, msgspec.Meta(max_length=200)]
# What is looked up or compared: not empty, and without blanks that nobody sees.
Key = Annotated[str, msgspec.Meta(pattern=r"\A\S(?:[^\r\n]*\S)?\Z", max_length=200)]
Status = Literal["preliminary", "final", "corrected", "cancelled", "deleted"]
STATUSES: dict[Status, ResultStatus] = {
    "preliminary": "P",
    "final": "F",
    "corrected": "C",
    "cancelled": "X",
    "deleted": "D",
}
# Texts that name somebody: a wrong character there marks the name. Anywhere else it refuses the body.
NAME_KEYS = frozenset({"name"})
UNTRUSTED = re.compile("[\ufffd\x00-\x08\x0b-\x1f\x7f-\x9f\ue000-\uf8ff\U000f0000-\U0010ffff]")
PATH = re.compile(r"at `([^`]*)`$")
FIELD = re.compile(r"(?:unknown|required) field `([a-z_]{1,40})`")


class JsonPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody of the staff, by the system's own code, which staff.csv knows."""

    code: Key
    name: Name = ""


class JsonMember(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody in an operation, and what they do there."""

    role: Name
    code: Key
    name: Name = ""


class JsonIdentifier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another number of a patient."""

    value: Key
    kind: Name = ""
    authority: Name = ""


class JsonPatient(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A patient; `id` is the number that every system of the hospital knows them by."""

    id: Key
    name: Name = ""
    sex: Literal["", "M", "F", "O", "U"] = ""
    birth_date: Annotated[str, msgspec.Meta(pattern=r"\A(?:\d{8})?\Z")] = ""
    identifiers: tuple[JsonIdentifier, ...] = ()


class JsonPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where somebody lies; `ward` is what wards.csv knows."""

    ward: Name = ""
    room: Name = ""
    bed: Name = ""


class JsonVisit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"patient_class": "class"}):
    """A stay or an appointment."""

    id: Name = ""
    patient_class: PatientClass = "other"
    place: JsonPlace = JsonPlace()
    attending: tuple[JsonPerson, ...] = ()


class JsonValue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One result; `value` is a text, for 6.80 is not 6.8 to whoever reads it back."""

    code: Key
    value: Text
    name: Name = ""
    loinc: Name = ""
    unit: Name = ""
    reference: Name = ""
    flags: tuple[Name, ...] = ()
    status: Status = "final"
    observed_at: Name = ""
    sub_id: Name = ""
    comment: Text = ""


class JsonResult(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="result"):
    """A report and its results."""

    said_at: Name
    report_id: Key
    patient: JsonPatient
    results: tuple[JsonValue, ...]
    title: Name = ""
    order_id: Name = ""
    visit: JsonVisit | None = None
    orderers: tuple[JsonPerson, ...] = ()
    status: Status = "final"
    verified_at: Name = ""


class JsonVisitChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="visit"):
    """A patient came, moved, left, or is known better."""

    said_at: Name
    event: VisitEvent
    patient: JsonPatient
    visit: JsonVisit
    before: JsonPlace | None = None


class JsonMerge(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="merge"):
    """Numbers that are no longer to be used: they were `survivor`'s."""

    said_at: Name
    survivor: JsonPatient
    merged: Annotated[tuple[JsonIdentifier, ...], msgspec.Meta(min_length=1)]


class JsonOperation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="operation"):
    """An operation as it is planned now; `removed` is who was taken out of it."""

    said_at: Name
    change: OperationChange
    operation_id: Key
    patient: JsonPatient
    title: Name = ""
    starts_at: Name = ""
    minutes: Annotated[int, msgspec.Meta(ge=1, le=10_080)] | None = None
    theatre: Name = ""
    staff: tuple[JsonMember, ...] = ()
    removed: tuple[JsonMember, ...] = ()
    visit: JsonVisit | None = None
    reason: Name = ""


Body = JsonResult | JsonVisitChange | JsonMerge | JsonOperation


def news_of_json(raw: bytes, maps: Maps, received_at: int) -> tuple[News, ...] | Fault:
    """Return what a body says, or why it is refused and where. Never raises."""
    try:
        body = decoded(raw)
        check_texts(body)
        return (news(body, maps, received_at),)
    except Unmappable as unmappable:
        return unmappable.fault


def decoded(raw: bytes) -> Body:
    try:
        body: Body = msgspec.json.decode(raw, type=Body)
    except msgspec.ValidationError as error:
        raise Unmappable(FaultReason.BAD_BODY, place_of(str(error))) from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Unmappable(FaultReason.BAD_BODY, "$") from error
    return body


def place_of(sentence: str) -> str:
    """Return where a body is wrong; only the place, for the sentence may repeat what somebody wrote."""
    path, field = PATH.search(sentence), FIELD.search(sentence)
    return (path[1] if path else "$") + (f".{field[1]}" if field else "")


def check_texts(body: Body) -> None:
    """Raise Unmappable for a character that nobody may trust, unless it is in a name."""
    for place, text in texts_of(msgspec.to_builtins(body), "$"):
        if UNTRUSTED.search(text):
            raise Unmappable(FaultReason.DOUBTFUL_TEXT, place)


def texts_of(value: object, place: str) -> Iterator[tuple[str, str]]:
    """Yield every text of a body that is no name, with its place."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, each in value.items():
            if key not in NAME_KEYS:
                yield from texts_of(each, f"{place}.{key}")
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from texts_of(each, f"{place}[{number}]")


def news(body: Body, maps: Maps, received_at: int) -> News:
    # Never later than it came: see `reading.said_at`.
    said_at = min(required_time(body.said_at, "$.said_at"), received_at)
    match body:
        case JsonResult():
            return ReportIssued(report(body, maps), said_at)
        case JsonVisitChange():
            before = place(body.before) if body.before else None
            return VisitChanged(body.event, patient(body.patient), visit(body.visit), said_at, before)
        case JsonMerge():
            return merge(body, said_at)
        case JsonOperation():
            return OperationChanged(body.change, plan(body), said_at, body.reason, team(body.removed))


def report(body: JsonResult, maps: Maps) -> Report:
    return Report(
        report_id=body.report_id,
        title=body.title,
        patient=patient(body.patient),
        results=tuple(result(each, f"$.results[{number}]", maps) for number, each in enumerate(body.results)),
        order_id=body.order_id,
        visit=visit(body.visit) if body.visit else None,
        orderers=people(body.orderers),
        status=STATUSES[body.status],
        verified_at=time(body.verified_at, "$.verified_at"),
    )


def result(value: JsonValue, where: str, maps: Maps) -> Result:
    limits, read = maps.analytes.by_code.get(value.code), value_of_text(value.value)
    meant = {text: maps.flag_of(text.strip()) for text in value.flags if text.strip()}
    said = Result(
        analyte=Analyte(
            value.code,
            value.name or (limits.name if limits else "") or value.code,
            (limits.loinc if limits else "") or value.loinc or None,
        ),
        text=read.text,
        status=STATUSES[value.status],
        number=read.number,
        comparator=read.comparator,
        unit=value.unit.strip(),
        reference=value.reference,
        flags=tuple(dict.fromkeys(flag for flag in meant.values() if flag)),
        observed_at=time(value.observed_at, f"{where}.observed_at"),
        sub_id=value.sub_id,
        comment=value.comment,
        unknown_flags=tuple(text for text, flag in meant.items() if flag is None),
    )
    return flagged(said, maps.analytes)


def merge(body: JsonMerge, said_at: int) -> PatientsMerged:
    if any(each.value == body.survivor.id for each in body.merged):
        raise Unmappable(FaultReason.NO_MERGED_PATIENT, "$.merged")
    return PatientsMerged(patient(body.survivor), identifiers(body.merged), said_at)


def plan(body: JsonOperation) -> OperationPlan:
    return OperationPlan(
        operation_id=body.operation_id,
        title=body.title,
        patient=patient(body.patient),
        starts_at=time(body.starts_at, "$.starts_at"),
        minutes=body.minutes,
        theatre=body.theatre,
        staff=team(body.staff),
        visit=visit(body.visit) if body.visit else None,
    )


def patient(value: JsonPatient) -> Patient:
    is_doubtful = DOUBTFUL.search(value.name) is not None
    return Patient(
        value.id, printable(value.name), value.sex, value.birth_date, identifiers(value.identifiers), is_doubtful
    )


def identifiers(values: tuple[JsonIdentifier, ...]) -> tuple[Identifier, ...]:
    return tuple(Identifier(each.value, each.kind, each.authority) for each in values)


def visit(value: JsonVisit) -> Visit:
    return Visit(value.id, value.patient_class, place(value.place), people(value.attending))


def place(value: JsonPlace) -> Place:
    return Place(value.ward.strip(), value.room.strip(), value.bed.strip())


def people(values: tuple[JsonPerson, ...]) -> tuple[StaffReference, ...]:
    return tuple(dict.fromkeys(StaffReference(each.code, printable(each.name)) for each in values))


def team(values: tuple[JsonMember, ...]) -> tuple[tuple[str, StaffReference], ...]:
    return tuple((each.role, StaffReference(each.code, printable(each.name))) for each in values)


def time(text: str, where: str) -> int | None:
    return required_time(text, where) if text else None


def required_time(text: str, where: str) -> int:
    at = web_instant(text)
    if at is None:
        raise Unmappable(FaultReason.BAD_TIME, where)
    return at
