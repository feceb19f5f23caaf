"""An operation that is planned, moved or called off: old and new side by side, to everybody of both plans.

Where it begins within a day, each of them must acknowledge; who has not within ten minutes is named to the coordinator.
What was said earlier than what is known changes nothing, and a change of details never revives what was called off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec
from msgspec.structs import replace

from myelin_gateway.flows.cards import (
    Answer,
    Card,
    CardAction,
    Fact,
    Message,
    answer_to,
    card_patient,
    label,
    line,
    message,
    patient_text,
    phone_number,
    place_text,
    wall_date,
)
from myelin_gateway.flows.cases import Desk, Person
from myelin_gateway.flows.effects import Effect, RefreshCard, SendCard, SetDeadline
from myelin_gateway.flows.events import Due, Pressed
from myelin_gateway.model import OperationChanged, OperationPlan

OperationState = Literal["planned", "moved", "changed", "cancelled", "not_shown"]
LABELS: Mapping[OperationState, str] = {
    "planned": "手术安排",
    "moved": "手术改期",
    "changed": "手术变更",
    "cancelled": "手术取消",
    "not_shown": "患者未到",
}
CALLED_OFF: frozenset[OperationState] = frozenset({"cancelled", "not_shown"})
ASKED_WITHIN_MS = 24 * 60 * 60_000
ACKNOWLEDGE_MS = 10 * 60_000


class Changed(msgspec.Struct, frozen=True, tag="changed"):
    """News of an operation, with the people of the plan as it is now: staff, ward, anaesthesia."""

    news: OperationChanged
    people: tuple[Person, ...]


class Acknowledged(msgspec.Struct, frozen=True):
    """Somebody has seen the latest change."""

    person: Person
    at: int


class OperationCase(msgspec.Struct, frozen=True, kw_only=True):
    """One operation; `asked` are all who must know of the latest change: the union of old and new."""

    case_id: str
    coordinators: tuple[Person, ...] = ()
    desk: Desk = Desk()
    ward: str = ""
    state: OperationState = "planned"
    plan: OperationPlan | None = None
    before: OperationPlan | None = None
    said_at: int = 0
    people: tuple[Person, ...] = ()
    asked: tuple[Person, ...] = ()
    # Everybody who has a card of this operation.
    told: tuple[Person, ...] = ()
    must_acknowledge: bool = False
    acknowledged: tuple[Acknowledged, ...] = ()
    reminded: bool = False
    due_at: int | None = None
    rev: int = 0
    # The revision of the latest change: whoever acknowledges must have seen that.
    changed_rev: int = 0

    @property
    def missing(self) -> tuple[Person, ...]:
        """Who has not acknowledged."""
        seen = {acknowledged.person.number for acknowledged in self.acknowledged}
        return tuple(p for p in self.asked if p.number not in seen) if self.must_acknowledge else ()


class OperationDecision(msgspec.Struct, frozen=True):
    """The operation as it is now, what is to be done, and why a press did not count."""

    case: OperationCase
    effects: tuple[Effect, ...] = ()
    refusal: str = ""


def decide_operation(case: OperationCase, event: Changed | Pressed | Due, at: int) -> OperationDecision:
    """What news, an acknowledgement or a deadline makes of an operation."""
    if isinstance(event, Changed):
        return _changed(case, event, at)
    return _pressed(case, event, at) if isinstance(event, Pressed) else _due(case, at)


def is_stale(case: OperationCase, news: OperationChanged) -> bool:
    """Whether this was said before what is known, or would revive what was called off by changing its details."""
    if case.plan is None:
        return False
    revives = case.state in CALLED_OFF and news.change in ("changed", "not_shown")
    same_time = news.said_at == case.said_at and case.state in CALLED_OFF
    return news.said_at < case.said_at or revives or same_time


def _changed(case: OperationCase, event: Changed, at: int) -> OperationDecision:
    news = event.news
    repeated = (news.plan, news.change) == (case.plan, case.state)
    if is_stale(case, news) or repeated:
        return OperationDecision(case)
    asked = _union(case.people, event.people)
    near = any(_is_near(plan, at) for plan in (case.plan, news.plan))
    changed = replace(
        case,
        state=news.change,
        plan=news.plan,
        before=case.plan,
        said_at=news.said_at,
        people=event.people,
        asked=asked,
        told=_union(case.told, asked),
        must_acknowledge=near,
        acknowledged=(),
        reminded=False,
        due_at=at + ACKNOWLEDGE_MS if near and asked else None,
        rev=case.rev + 1,
        changed_rev=case.rev + 1,
    )
    others = [person for person in case.told if not any(person.is_(each) for each in asked)]
    sends = [SendCard(person.number, operation_message(changed, person)) for person in asked]
    return _decided(case, changed, [*sends, *_refreshes(changed, others)])


def _pressed(case: OperationCase, pressed: Pressed, at: int) -> OperationDecision:
    person = next((p for p in case.told if p.number == pressed.number), None)
    if refusal := _refused(case, person, pressed):
        answer = answer_to(pressed.uuid, refusal)
        effects = (RefreshCard(person.number, operation_message(case, person, answer)),) if person else ()
        return OperationDecision(case, effects, refusal)
    assert person is not None
    if not _is_missing(case, person):
        again = operation_message(case, person, answer_to(pressed.uuid, ""))
        return OperationDecision(case, (RefreshCard(person.number, again),))
    seen = replace(case, acknowledged=(*case.acknowledged, Acknowledged(person, at)), rev=case.rev + 1)
    seen = seen if seen.missing else replace(seen, due_at=None)
    own = RefreshCard(person.number, operation_message(seen, person, answer_to(pressed.uuid, "")))
    others = [other for other in seen.told if not other.is_(person)]
    return _decided(case, seen, [own, *_refreshes(seen, others)])


def _refused(case: OperationCase, person: Person | None, pressed: Pressed) -> str:
    if person is None or not any(person.is_(asked) for asked in case.asked):
        return "此手术通知没有发给您，操作未生效。"
    if pressed.action != "acknowledge" or not case.must_acknowledge:
        return "此通知不需要此操作。"
    return "" if case.changed_rev <= pressed.rev <= case.rev else "手术安排已再次变更，请核对后再确认。"


def _due(case: OperationCase, at: int) -> OperationDecision:
    """Ten minutes have passed: the coordinator is told who has not acknowledged, once."""
    if case.due_at is None or at < case.due_at:
        return OperationDecision(case)
    told = _union(case.told, case.coordinators)
    late = replace(case, due_at=None, reminded=True, told=told, rev=case.rev + 1)
    sends = [
        SendCard(person.number, operation_message(late, person)) for person in _union(case.coordinators, case.missing)
    ]
    rung = _union(case.coordinators, case.missing)
    others = [person for person in told if not any(person.is_(each) for each in rung)]
    return _decided(case, late, [*sends, *_refreshes(late, others)])


def _decided(before: OperationCase, after: OperationCase, effects: list[Effect]) -> OperationDecision:
    clock = () if before.due_at == after.due_at else (SetDeadline(after.case_id, after.due_at),)
    return OperationDecision(after, (*effects, *clock))


def _refreshes(case: OperationCase, people: list[Person]) -> list[Effect]:
    return [RefreshCard(person.number, operation_message(case, person)) for person in people]


def _is_missing(case: OperationCase, person: Person) -> bool:
    return any(person.is_(missing) for missing in case.missing)


def _union(old: tuple[Person, ...], new: tuple[Person, ...]) -> tuple[Person, ...]:
    return tuple({person.number: person for person in (*old, *new)}.values())


def _is_near(plan: OperationPlan | None, at: int) -> bool:
    """It begins within a day, or should have begun within the last."""
    return plan is not None and plan.starts_at is not None and abs(plan.starts_at - at) < ASKED_WITHIN_MS


def operation_message(case: OperationCase, person: Person, answer: Answer | None = None) -> Message:
    """Old and new side by side, and who has not acknowledged yet."""
    plan = case.plan
    assert plan is not None, "a case is made by its first plan"
    place = place_text(plan.visit.place, case.ward) if plan.visit else case.ward
    asked = _is_missing(case, person)
    facts = (*_differences(case, plan), *_acknowledgement(case))
    card = Card(
        v=1,
        kind="or_change",
        case_id=case.case_id,
        rev=case.rev,
        title=line(f"{LABELS[case.state]}：{plan.title}", 120),
        state=case.state,
        state_label=LABELS[case.state] + ("，待知悉" if asked else ""),
        patient=card_patient(plan.patient, place),
        facts=facts,
        deadline=case.due_at if asked else None,
        actions=(CardAction("acknowledge", "知悉"),) if asked else (),
        answer=answer,
        phone=phone_number(case.desk.phone),
    )
    said = "；".join(f"{fact.label} {fact.value}" for fact in facts)
    body = f"{LABELS[case.state]}：{plan.title}。{patient_text(plan.patient, place)}。{said}。"
    return message(line(body + ("请确认知悉。" if asked else ""), 1_000_000), card)


# Each line of the comparison, and how it reads.
Reading = Callable[[OperationPlan, int], str]
LINES: tuple[tuple[str, Reading], ...] = (
    ("手术", lambda plan, zone: plan.title),
    ("时间", lambda plan, zone: "待定" if plan.starts_at is None else wall_date(plan.starts_at, zone)),
    ("时长", lambda plan, zone: f"{plan.minutes} 分钟" if plan.minutes else ""),
    ("手术间", lambda plan, zone: plan.theatre),
    ("患者", lambda plan, zone: plan.patient.patient_id),
    ("人员", lambda plan, zone: "、".join(f"{role} {staff.name or staff.code}" for role, staff in plan.staff)),
)


def _differences(case: OperationCase, plan: OperationPlan) -> list[Fact]:
    facts = []
    for name, read in LINES:
        new = read(plan, case.desk.zone_minutes)
        old = read(case.before, case.desk.zone_minutes) if case.before else new
        text = new if old == new else f"原 {old or '无'} → 现 {new or '无'}"
        if text:
            facts.append(Fact(name, line(text, 200)))
    return facts


def _acknowledgement(case: OperationCase) -> list[Fact]:
    if not case.must_acknowledge:
        return []
    names = "、".join(person.name for person in case.missing)
    return [Fact(label("未确认知悉"), line(names, 200))] if names else [Fact("知悉", "全部已确认")]
