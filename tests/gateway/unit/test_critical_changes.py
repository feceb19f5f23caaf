"""What the laboratory, the patients' office, the staff office and the telephone desk do to a case that runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from myelin_gateway.flows import events as on
from myelin_gateway.flows.cases import Person, Ward
from myelin_gateway.flows.critical_value import decide, is_critical, open_case, same_alarm
from myelin_gateway.flows.effects import Console, SendCard
from myelin_gateway.flows.routing import UNREADABLE
from myelin_gateway.model import Patient, Place
from tests.gateway.ward import (
    CHIEF,
    DUTY,
    FIRST,
    HEAD_NURSE,
    MINUTE,
    NURSE,
    NURSE_2,
    OFFICER,
    ORDERER,
    ROSTER,
    T0,
    Roster,
    Story,
    a_case,
    check_card,
    confirmed,
    numbers,
    potassium,
    received,
    told,
)


@pytest.mark.parametrize("status", ["X", "D"])
def test_a_withdrawn_value_is_told_to_everybody_who_was_alarmed_and_closed_by_the_owner(status: str) -> None:
    story = told().on(on.ResultCorrected(potassium("6.8", status)))
    assert story.rung() == numbers(ORDERER, NURSE, NURSE_2, FIRST)
    assert story.case.state == "corrected"
    assert "6.8 mmol/L → 已作废" in story.card(FIRST).body
    assert story.card(FIRST).card.facts[0].value == "已作废"
    assert story.press(NURSE_2, "note", "看过").refusal
    assert story.press(NURSE, "note").refusal
    assert story.press(NURSE, "note", "已告知医生").case.state == "closed"


def test_a_correction_that_nobody_notes_goes_up_the_ladder() -> None:
    story = told().on(on.ResultCorrected(potassium("3.8", "C", "N"))).delivered()
    assert story.due(story.at + 5 * MINUTE).rung()
    assert story.case.is_open


def test_a_corrected_value_that_is_critical_too_is_answered_anew() -> None:
    story = confirmed().on(on.ResultCorrected(potassium("7.4", "C")))
    assert story.rung() == numbers(ORDERER, NURSE, NURSE_2, FIRST)
    assert (story.case.state, story.case.owner) == ("notified", None)
    assert story.press(NURSE_2, "receive").press(NURSE_2, "read_back", "6.8").refusal
    assert story.press(NURSE_2, "read_back", "7.4").case.state == "read_back"


def test_a_closed_case_that_is_corrected_is_told_to_everybody_and_stays_closed() -> None:
    story = confirmed().press(FIRST, "act", "补钙").press(FIRST, "close")
    story.on(on.ResultCorrected(potassium("3.8", "C", "N")))
    assert story.rung() == numbers(ORDERER, NURSE, NURSE_2, FIRST)
    assert (story.case.state, story.case.next_due()) == ("closed", None)
    assert not story.on(on.ResultCorrected(potassium("3.8", "C", "N"))).effects


def test_preliminary_and_final_are_one_alarm_and_another_value_is_told() -> None:
    story = Story(a_case(result=potassium(status="P"))).delivered().on(on.ResultJoined(potassium()))
    assert not story.rung()
    assert story.on(on.ResultJoined(potassium("7.1"))).rung() == numbers(ORDERER, NURSE, NURSE_2)
    assert story.card(NURSE).card.facts[0].value == "7.1"


def test_a_result_joins_the_open_case_of_the_same_direction_only() -> None:
    case = Story().case
    assert same_alarm(case, "T000017", potassium("7.0"))
    assert not same_alarm(case, "T000018", potassium("7.0"))
    assert not same_alarm(case, "T000017", potassium("2.0", flag="LL"))
    assert not same_alarm(replace(case, state="closed"), "T000017", potassium("7.0"))
    assert is_critical(potassium())
    assert not is_critical(potassium(status="X"))
    assert not is_critical(potassium(flag="H"))


def test_the_telephone_desk_moves_the_case_as_the_persons_card_would() -> None:
    story = Story().on(on.Called(OFFICER, CHIEF, answered=False))
    assert (story.case.state, story.case.steps[-1].name) == ("detected", "call_failed")
    assert "复述值不符" in story.on(on.Called(OFFICER, NURSE, answered=True, value="8.6")).refusal
    assert story.on(on.Called(OFFICER, NURSE, answered=True, value="6.8")).laboratory() == ["RECEIVED", "READBACK"]
    assert "护甲接收" in story.on(on.Called(OFFICER, NURSE_2, answered=True, value="6.8")).refusal
    story.on(on.Called(OFFICER, CHIEF, answered=True, value="6.8"))
    assert (story.case.state, story.case.owner) == ("confirmed", CHIEF)
    assert story.on(on.Called(OFFICER, OFFICER, answered=True)).case.steps[-1].name == "called"


def test_an_exception_needs_a_second_person() -> None:
    story = Story().on(on.ExceptionAgreed(OFFICER))
    assert story.refusal
    assert story.on(on.ExceptionProposed(OFFICER, " ")).refusal
    assert "另一人" in story.on(on.ExceptionProposed(OFFICER, "患者已转院")).on(on.ExceptionAgreed(OFFICER)).refusal
    story.on(on.ExceptionAgreed(CHIEF))
    assert (story.case.state, story.laboratory(), story.case.next_due()) == ("excepted", ["CLOSED"], None)
    assert story.press(NURSE, "receive").refusal


def test_a_patient_who_moves_takes_the_clock_along_and_the_new_ward_is_asked() -> None:
    duty = Roster(ROSTER | {"肾内科-护士": (HEAD_NURSE,)})
    story = Story(duty=duty).delivered()
    due_at = story.case.due("rung")
    story.on(on.PatientMoved(Place("SN", "", "3"), Ward("肾内科", "肾内科", "肾内科-护士", "station.sn")), MINUTE)
    assert story.rung() == {HEAD_NURSE.number, "station.sn"}
    assert story.case.due("rung") == due_at
    assert story.card("station.xn").card.state == "over"
    assert "肾内科 3 床" in story.card(HEAD_NURSE).body


def test_a_patient_who_is_merged_or_leaves_keeps_the_case_and_its_clock() -> None:
    story = received()
    due_at, rev = story.case.next_due(), story.case.rev
    story.on(on.PatientMerged(Patient("T000099", "测试患者甲", birth_date="19500101")))
    assert story.case.due("nurse") == due_at or story.case.next_due()
    assert "T000099" in story.card(NURSE).body
    assert "已更新" in story.press(NURSE, "read_back", "6.8", rev=rev).refusal
    assert story.on(on.PatientLeft()).rung() == {NURSE.number}
    assert story.on(on.PatientReturned()).case.is_open


@pytest.mark.parametrize(
    ("make", "gone", "state"),
    [(received, NURSE, "notified"), (told, FIRST, "read_back"), (confirmed, FIRST, "read_back"), (told, NURSE, "told")],
)
def test_whoever_may_no_longer_act_is_not_waited_for(make: Callable[[], Story], gone: Person, state: str) -> None:
    story = make()
    story.on(on.StaffLeft(gone.number))
    assert story.case.state == state
    assert story.rung() - {gone.number}
    assert "没有发给您" in story.press(gone, "receive").refusal


def test_a_result_that_came_late_says_so() -> None:
    story = Story(a_case(verified_at=T0 - 11 * MINUTE))
    assert "延迟送达" in story.card(NURSE).body
    assert "延迟送达" in story.card(NURSE).card.title
    assert "延迟送达" not in Story(a_case(verified_at=T0 - 9 * MINUTE)).card(NURSE).body


def test_a_message_that_nobody_can_read_is_at_the_telephone_desk_at_once() -> None:
    decision = open_case(a_case(patient=Patient(""), result=UNREADABLE, orderers=()), T0, DUTY, why="unreadable")
    sends = [effect for effect in decision.effects if isinstance(effect, SendCard)]
    for send in sends:
        check_card(send.message)
    assert "报文异常，请核对" in sends[0].message.body
    assert [effect.reason for effect in decision.effects if isinstance(effect, Console)] == ["unreadable"]


def test_nothing_that_happens_to_an_ended_case_changes_it() -> None:
    story = confirmed().press(FIRST, "act", "补钙").press(FIRST, "close")
    case = story.case
    for event in (on.Due(), on.NoDevice("1001"), on.HomeserverSilent(), on.PatientLeft(), on.StaffLeft("1001")):
        decision = decide(case, event, T0 + 9 * MINUTE, DUTY)
        assert (decision.case, decision.effects) == (case, ())
