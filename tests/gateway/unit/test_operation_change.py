"""Who is told that an operation moves, who must say so, and what comes too late."""

from __future__ import annotations

from typing import Literal

import pytest
from msgspec.structs import replace

from myelin_gateway.flows.effects import RefreshCard, SendCard, SetDeadline
from myelin_gateway.flows.events import Due, Pressed
from myelin_gateway.flows.operation import Changed, OperationCase, OperationDecision, decide_operation
from myelin_gateway.model import OperationChanged, OperationPlan, StaffReference
from tests.gateway.ward import CHIEF, FIRST, MINUTE, NURSE, OFFICER, ORDERER, PATIENT, T0, check_card

HOUR = 60 * MINUTE
PLAN = OperationPlan(
    "op-5", "阑尾切除术", PATIENT, T0 + 4 * HOUR, 90, "3 号间", (("主刀", StaffReference("1001", "医甲")),)
)
LATER = replace(PLAN, starts_at=T0 + 6 * HOUR, theatre="5 号间", staff=(("主刀", StaffReference("1002", "医乙")),))
NEW = OperationCase(case_id="op-5", coordinators=(OFFICER,))


def news(
    change: Literal["planned", "moved", "changed", "cancelled", "not_shown"],
    plan: OperationPlan,
    said: int,
    *people: object,
) -> Changed:
    return Changed(OperationChanged(change, plan, T0 + said * MINUTE), people)  # type: ignore[arg-type]


def checked(decision: OperationDecision) -> OperationDecision:
    for effect in decision.effects:
        if isinstance(effect, SendCard | RefreshCard):
            check_card(effect.message)
    return decision


def rung(decision: OperationDecision) -> set[str]:
    return {effect.to for effect in checked(decision).effects if isinstance(effect, SendCard)}


def planned() -> OperationCase:
    return decide_operation(NEW, news("planned", PLAN, 0, ORDERER, NURSE), T0).case


def moved() -> OperationDecision:
    return decide_operation(planned(), news("moved", LATER, 5, FIRST, NURSE), T0 + 5 * MINUTE)


def test_old_and_new_stand_side_by_side_and_the_union_of_both_is_asked() -> None:
    decision = moved()
    assert rung(decision) == {ORDERER.number, NURSE.number, FIRST.number}
    send = next(effect for effect in decision.effects if isinstance(effect, SendCard))
    facts = {fact.label: fact.value for fact in send.message.card.facts}
    assert facts["时间"] == "原 11-24 12:00 → 现 11-24 14:00"
    assert facts["手术间"] == "原 3 号间 → 现 5 号间"
    assert facts["人员"] == "原 主刀 医甲 → 现 主刀 医乙"
    assert facts["手术"] == "阑尾切除术"
    assert [action.id for action in send.message.card.actions] == ["acknowledge"]
    assert "原 3 号间 → 现 5 号间" in send.message.body


def test_whoever_does_not_acknowledge_in_ten_minutes_is_named_to_the_coordinator_once() -> None:
    case = moved().case
    at = T0 + 15 * MINUTE
    for person in (ORDERER, NURSE):
        decision = checked(decide_operation(case, Pressed(person.number, "acknowledge", case.changed_rev, "u"), at - 1))
        assert not decision.refusal
        case = decision.case
    assert decide_operation(case, Due(), at - 1).effects == ()
    decision = decide_operation(case, Due(), at)
    assert rung(decision) == {OFFICER.number, FIRST.number}
    send = next(effect for effect in decision.effects if isinstance(effect, SendCard) and effect.to == OFFICER.number)
    assert "未确认知悉 医乙" in send.message.body
    assert decide_operation(decision.case, Due(), at + HOUR).effects == ()
    last = decide_operation(decision.case, Pressed(FIRST.number, "acknowledge", decision.case.rev, "u"), at + 1)
    assert last.case.missing == ()


def test_an_acknowledgement_of_all_stops_the_clock() -> None:
    case = moved().case
    for person in case.asked:
        decision = decide_operation(case, Pressed(person.number, "acknowledge", case.rev, person.number), T0)
        case = decision.case
    assert decision.effects[-1] == SetDeadline("op-5", None)
    again = decide_operation(case, Pressed(NURSE.number, "acknowledge", case.rev, "again"), T0)
    assert (again.case, again.refusal) == (case, "")


@pytest.mark.parametrize(("person", "action", "rev", "says"), [
    (CHIEF, "acknowledge", 2, "没有发给您"),
    (NURSE, "acknowledge", 1, "再次变更"),
    (NURSE, "acknowledge", 3, "再次变更"),
    (NURSE, "confirm", 2, "不需要"),
])  # fmt: skip
def test_what_does_not_count_is_answered(person: object, action: str, rev: int, says: str) -> None:
    decision = checked(decide_operation(moved().case, Pressed(person.number, action, rev, "u"), T0))  # type: ignore[attr-defined]
    assert says in decision.refusal
    assert decision.case == moved().case


def test_what_was_said_earlier_changes_nothing() -> None:
    case = moved().case
    assert decide_operation(case, news("moved", PLAN, 4, ORDERER), T0).effects == ()
    assert decide_operation(case, news("moved", LATER, 6, FIRST, NURSE), T0).effects == (), "the same again"


@pytest.mark.parametrize("said", [4, 5, 6, 600])
def test_a_modification_never_revives_what_was_called_off(said: int) -> None:
    cancelled = decide_operation(planned(), news("cancelled", PLAN, 5, ORDERER), T0).case
    assert decide_operation(cancelled, news("changed", LATER, said, FIRST), T0) == OperationDecision(cancelled)


def test_a_new_booking_after_a_cancellation_counts() -> None:
    cancelled = decide_operation(planned(), news("cancelled", PLAN, 5, ORDERER), T0).case
    again = decide_operation(cancelled, news("moved", LATER, 6, FIRST), T0)
    assert again.case.state == "moved"
    assert rung(again) == {ORDERER.number, FIRST.number}


def test_a_cancellation_that_comes_first_stays() -> None:
    cancelled = decide_operation(NEW, news("cancelled", PLAN, 5, ORDERER), T0).case
    assert decide_operation(cancelled, news("planned", PLAN, 0, ORDERER), T0).effects == ()


def test_what_begins_in_days_needs_no_acknowledgement() -> None:
    plan = replace(PLAN, starts_at=T0 + 72 * HOUR)
    decision = decide_operation(NEW, news("planned", plan, 0, ORDERER), T0)
    assert rung(decision) == {ORDERER.number}
    assert decision.case.due_at is None
    # It moves away from today: today's people must know now.
    away = decide_operation(planned(), news("moved", plan, 5, FIRST), T0)
    assert away.case.due_at == T0 + 10 * MINUTE
