"""A critical value is answered, or somebody else is asked: to the second."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from myelin_gateway.flows import events as on
from myelin_gateway.flows.cases import Case, Person
from myelin_gateway.flows.effects import Console, Http, RefreshCard
from myelin_gateway.flows.ladders import Ladder, Rung, Target, read_clocks
from tests.gateway.ward import (
    CHIEF,
    CULTURE,
    FIRST,
    HEAD_NURSE,
    MINUTE,
    NURSE,
    NURSE_2,
    OFFICER,
    ORDERER,
    SECOND,
    SECOND_LINE,
    T0,
    Roster,
    Story,
    a_case,
    confirmed,
    numbers,
    potassium,
    read_back,
    received,
    told,
)


def test_a_value_is_received_read_back_told_confirmed_and_closed() -> None:
    story = Story()
    assert story.rung() == {*numbers(ORDERER, NURSE, NURSE_2), "station.xn"}
    assert story.actions(NURSE) == ["receive"]
    assert story.actions(ORDERER) == ["confirm"]
    assert story.on(on.Sent(NURSE.number)).laboratory() == ["NOTIFIED"]
    assert story.delivered().press(NURSE, "receive").laboratory() == ["RECEIVED"]
    assert (story.case.state, story.actions(NURSE), story.actions(NURSE_2)) == (
        "received",
        ["read_back", "transfer"],
        [],
    )
    assert story.press(NURSE, "read_back", "６.80 mmol/L").laboratory() == ["READBACK"]
    assert story.press(NURSE, "tell", FIRST.number).laboratory() == ["TOLD"]
    assert story.rung() == {FIRST.number}
    assert story.actions(FIRST) == ["confirm"]
    story.press(FIRST, "confirm")
    assert (story.case.state, story.actions(FIRST)) == ("confirmed", ["act", "transfer"])
    assert story.press(FIRST, "act", "葡萄糖酸钙静推").laboratory() == ["ACTED"]
    assert story.press(FIRST, "close").laboratory() == ["CLOSED"]
    assert (story.case.state, story.case.next_due(), story.case.owner) == ("closed", None, FIRST)
    assert story.card(NURSE).card.deadline is None
    assert not story.actions(FIRST)


@pytest.mark.parametrize(
    ("minutes", "people", "desk"),
    [
        (5, (ORDERER, NURSE, NURSE_2, FIRST), False),
        (10, (SECOND_LINE, HEAD_NURSE), False),
        (15, (CHIEF,), True),
        (30, (OFFICER,), True),
        (35, (OFFICER,), True),
    ],
)
def test_nobody_answers(minutes: int, people: tuple[Person, ...], desk: bool) -> None:
    story = Story().delivered()
    for minute in (5, 10, 15, 30, 35):
        before = story.due(T0 + minute * MINUTE - 1)
        assert not before.effects
        story.due(T0 + minute * MINUTE)
        if minute == minutes:
            break
        story.delivered()
    assert story.rung() == numbers(*people)
    assert bool(story.desk_calls()) == desk
    assert "超时升级" in story.card(people[0]).body


def test_a_restart_after_twenty_minutes_asks_everybody_who_was_due_by_the_times_that_were_due() -> None:
    story = Story().delivered()
    story.case = msgspec.json.decode(msgspec.json.encode(story.case), type=Case)
    story.due(T0 + 20 * MINUTE)
    assert story.rung() == numbers(ORDERER, NURSE, NURSE_2, FIRST, SECOND_LINE, HEAD_NURSE, CHIEF)
    assert story.case.due("rung") == T0 + 30 * MINUTE
    assert not story.due(T0 + 10 * MINUTE).effects, "a clock that steps back asks nobody twice"


def test_the_nurse_does_not_stop_the_clock_of_the_physician() -> None:
    story = received()
    story.at = T0 + 4 * MINUTE
    assert story.due(T0 + 5 * MINUTE).rung() >= numbers(FIRST)
    assert story.case.nurse == NURSE
    assert NURSE.number in story.rung(), "who has it hears that the physician has not answered"
    assert NURSE_2.number in story.refreshed(), "and the others are not called away"


def test_a_physician_who_was_told_has_five_minutes_of_their_own_and_the_nurse_hears_that_they_passed() -> None:
    story = told()
    at = story.at + 5 * MINUTE
    assert not story.due(at - 1).rung()
    assert story.due(at).rung() >= numbers(FIRST, ORDERER, NURSE)
    # Telling somebody else stops no clock.
    due_at = story.case.due("rung")
    assert story.press(NURSE, "tell", SECOND_LINE.number).case.due("rung") == due_at


def test_a_nurse_who_reads_nothing_back_is_asked_again_and_a_colleague_may_take_over() -> None:
    story = received()
    story.case = replace(story.case, deadlines=tuple(d for d in story.case.deadlines if d.name == "nurse"))
    assert story.due(T0 + 5 * MINUTE).rung() >= numbers(NURSE, FIRST)
    assert "take_over" in story.actions(NURSE_2)
    story.press(NURSE_2, "take_over")
    assert (story.case.nurse, story.case.due("nurse")) == (NURSE_2, T0 + 10 * MINUTE)
    assert story.press(NURSE, "read_back", "6.8").refusal


def test_a_physician_who_does_not_act_is_asked_again_and_the_ladder_goes_on() -> None:
    story = confirmed()
    assert story.case.next_due() == story.at + 15 * MINUTE
    story.due(story.at + 15 * MINUTE)
    assert FIRST.number in story.rung()
    assert story.case.due("rung")
    story.delivered().press(SECOND_LINE, "take_over") if story.case.alarm_of(SECOND_LINE.number) else None
    story.press(ORDERER, "take_over")
    assert (story.case.physician, story.case.late) == (ORDERER, ())


def test_two_nurses_press_at_once_and_the_second_hears_who_was_first() -> None:
    story = Story().delivered()
    rev = story.case.rev
    story.press(NURSE, "receive", rev=rev).press(NURSE_2, "receive", rev=rev)
    assert story.refusal == "08:00 已由护甲接收，您不必再操作。"
    assert story.case.owner == NURSE
    answer = story.card(NURSE_2).card.answer
    assert answer and not answer.accepted and answer.text == story.refusal


def test_a_press_that_is_sent_again_gets_the_same_answer_and_does_nothing() -> None:
    story = Story().delivered()
    again = on.Pressed(NURSE.number, "receive", story.case.rev, "same")
    story.on(again)
    case = story.case
    story.on(again)
    assert (story.case, story.refusal) == (case, "")
    answer = story.card(NURSE).card.answer
    assert answer and answer.accepted


@pytest.mark.parametrize(
    ("person", "action", "words", "says"),
    [
        (CHIEF, "confirm", "6.8", "没有发给您"),
        (ORDERER, "receive", None, "须由护士"),
        (NURSE_2, "confirm", "6.8", "须由医生"),
        (NURSE_2, "read_back", "6.8", "由护甲负责"),
        (NURSE, "read_back", "8.6", "复述值不符"),
        (NURSE, "read_back", "", "复述值不符"),
        (NURSE, "tell", FIRST.number, "不能进行此操作"),
        (NURSE, "dance", None, "不认识"),
        (NURSE, "accept", None, "没有等待您接手"),
        (NURSE, "transfer", "9999", "请选择"),
        (NURSE, "read_back", "6" * 201, "过长"),
        (ORDERER, "confirm", "8.6", "复述值不符"),
    ],
)
def test_what_does_not_count_is_answered_with_a_sentence(
    person: Person, action: str, words: str | None, says: str
) -> None:
    story = received()
    state = story.case.state
    assert says in story.press(person, action, words).refusal
    assert story.case.state == state
    if person != CHIEF:
        answer = story.card(person).card.answer
        assert answer and not answer.accepted
        assert story.refusal in story.card(person).body


def test_a_second_wrong_value_calls_the_laboratory_and_the_telephone_desk() -> None:
    story = received().press(NURSE, "read_back", "8.6")
    assert not story.desk_calls()
    assert "6301" in story.press(NURSE, "read_back", "8.7").refusal
    assert story.desk_calls() == [Console("cv-17", "wrong_value", people=(NURSE,))]
    assert story.press(NURSE, "read_back", "6.8").case.state == "read_back"


def test_an_action_on_a_card_with_another_value_is_refused_and_one_after_a_mere_rung_is_not() -> None:
    story = Story().delivered()
    rev = story.case.rev
    story.due(T0 + 5 * MINUTE)
    assert story.case.rev > rev
    story.press(NURSE, "receive", rev=rev)
    assert not story.refusal
    rev = story.case.rev
    story.on(on.ResultJoined(potassium("7.1"))).press(NURSE, "read_back", "6.8", rev=rev)
    assert "已更新" in story.refusal
    assert "已更新" in story.press(NURSE, "read_back", "7.1", rev=story.case.rev + 1).refusal
    assert story.press(NURSE, "read_back", "7.1").case.state == "read_back"


def test_a_physician_confirms_alone_and_has_read_back_what_no_nurse_had() -> None:
    story = Story().delivered()
    assert story.press(ORDERER, "confirm").refusal
    assert story.press(ORDERER, "confirm", "6.8").laboratory() == ["RECEIVED", "READBACK", "TOLD"]
    assert story.press(NURSE, "receive").refusal == "08:00 已由医甲接收，您不必再操作。"


def test_a_text_is_confirmed_by_one_press() -> None:
    story = Story(a_case(result=CULTURE)).delivered().press(NURSE, "receive")
    assert story.card(NURSE).card.actions[0].input is None
    assert story.press(NURSE, "read_back").case.state == "read_back"


def test_a_transfer_must_be_accepted_within_three_minutes() -> None:
    story = received().press(NURSE, "transfer", NURSE_2.number)
    clock = story.case.due("nurse")
    assert (story.case.owner, story.actions(NURSE_2)) == (NURSE, ["accept", "decline"])
    assert story.card(NURSE_2).card.deadline == T0 + 3 * MINUTE
    story.delivered().press(NURSE_2, "accept")
    assert (story.case.owner, story.case.due("nurse"), story.case.due("accept")) == (NURSE_2, clock, None)
    assert NURSE.number in story.rung()


def test_a_transfer_that_nobody_accepts_comes_back_loudly() -> None:
    story = received().press(NURSE, "transfer", NURSE_2.number).delivered()
    assert not story.due(T0 + 3 * MINUTE - 1).effects
    assert story.due(T0 + 3 * MINUTE).rung() == {NURSE.number}
    assert (story.case.owner, story.case.transfer) == (NURSE, None)
    assert "没有等待您接手" in story.press(NURSE_2, "accept").refusal
    story.press(NURSE, "transfer", NURSE_2.number).press(NURSE_2, "decline")
    assert story.rung() == {NURSE.number}
    story.press(NURSE, "transfer", NURSE_2.number).on(on.NoDevice(NURSE_2.number))
    assert story.rung() == {NURSE.number}


def test_no_device_takes_the_next_rung_at_once_and_only_where_nobody_of_the_profession_is_left() -> None:
    story = Story()
    assert not story.on(on.NoDevice(NURSE.number)).rung()
    assert story.on(on.NoDevice(NURSE_2.number)).rung() >= numbers(FIRST)
    assert story.case.due("rung") == T0 + 5 * MINUTE, "the rung after it keeps its distance"
    assert not story.on(on.NoDevice(NURSE_2.number)).on(on.NoDevice(OFFICER.number)).effects


def test_a_card_that_reached_no_device_within_a_minute_ends_that_turn() -> None:
    story = Story().on(on.Sent(NURSE.number)).delivered(NURSE, NURSE_2)
    assert not story.due(T0 + MINUTE - 1).effects
    assert story.due(T0 + MINUTE).rung() >= numbers(FIRST), "the ordering physician has no device that answers"


def test_a_card_that_the_homeserver_never_took_goes_to_the_telephone_desk_after_a_minute() -> None:
    story = Story()
    assert not story.due(T0 + 59 * SECOND).effects
    story.due(T0 + 60 * SECOND)
    assert isinstance(story.desk_calls()[0], Console)
    assert story.rung() >= numbers(FIRST, SECOND_LINE, CHIEF)
    story.on(on.Sent(CHIEF.number))
    assert story.case.state == "notified"


def test_a_silent_homeserver_leaves_the_console_and_the_telephone_platform() -> None:
    rungs = (Rung(0, (Target("orderer"), Target("ward_nurses"))), Rung(MINUTE * 5, (Target("心内科-一线", "http"),)))
    ladder = Ladder("short", (*rungs, Rung(MINUTE * 10, (Target("总值班", "console"),))))
    story = Story(a_case(ladder=ladder)).delivered().on(on.HomeserverSilent(), 30 * SECOND)
    assert story.desk_calls() == [Http("cv-17", "心内科-一线", (FIRST,))]
    story.due(story.at + 5 * MINUTE)
    assert isinstance(story.desk_calls()[0], Console)
    assert not story.on(on.HomeserverSilent()).effects
    story.on(on.HomeserverBack())
    assert not story.case.homeserver_is_silent
    while_silent = Story(a_case(homeserver_is_silent=True))
    assert while_silent.desk_calls()


def test_a_gap_in_the_roster_is_never_silence() -> None:
    nobody = Roster({"总值班": (OFFICER,)})
    story = Story(a_case(orderers=()), nobody)
    assert story.desk_calls()
    assert [step.name for step in story.case.steps].count("nobody_on_duty") == 3


def test_a_wards_own_clocks_count() -> None:
    clocks = read_clocks("ward,read_back_s,act_s\n心内科,60,\n*,,1200\n")
    story = Story(a_case(clocks=clocks["心内科"])).delivered().press(NURSE, "receive")
    assert story.case.due("nurse") == T0 + MINUTE
    assert clocks["*"].act_ms == 20 * MINUTE


def test_a_refused_press_changes_no_other_card() -> None:
    story = received().press(NURSE_2, "receive")
    assert [effect.to for effect in story.effects if isinstance(effect, RefreshCard)] == [NURSE_2.number]


def test_a_physician_who_was_told_and_has_no_device_is_named_to_the_nurse_and_the_next_rung_is_asked() -> None:
    story = read_back().press(NURSE, "tell", FIRST.number).on(on.NoDevice(FIRST.number))
    assert story.rung() >= numbers(NURSE)
    assert "医乙的设备未收到，请电话联系" in story.card(NURSE).body
    assert story.case.rung == 2
    assert story.on(on.DeviceAppeared(FIRST.number)).rung() == numbers(FIRST)


def test_somebody_whose_name_or_number_changed_meanwhile_is_the_same_person() -> None:
    story = received()
    renamed = replace(NURSE, name="护甲甲", phone="6400")
    story.case = replace(
        story.case, alarmed=tuple(replace(a, person=renamed) if a.person == NURSE else a for a in story.case.alarmed)
    )
    assert story.press(NURSE, "read_back", "6.8").case.state == "read_back"
    assert story.actions(NURSE) == ["tell", "transfer"]


def test_a_press_that_is_heard_of_before_the_homeservers_answer_says_that_the_card_was_there() -> None:
    story = Story().press(NURSE, "receive")
    assert story.laboratory() == ["NOTIFIED", "RECEIVED"]
    assert story.case.due("send") is None
    assert not Story().press(CHIEF, "confirm", "6.8").laboratory()


def test_a_press_with_somebody_elses_uuid_is_a_press_of_its_own() -> None:
    story = Story().delivered()
    rev = story.case.rev
    story.on(on.Pressed(NURSE.number, "receive", rev, "same")).on(on.Pressed(NURSE_2.number, "receive", rev, "same"))
    assert "护甲接收" in story.refusal


def test_a_nurse_who_went_on_after_a_missed_clock_keeps_the_case() -> None:
    story = received().due(T0 + 5 * MINUTE).delivered().press(NURSE, "read_back", "6.8")
    assert "未超时" in story.press(NURSE_2, "take_over").refusal
