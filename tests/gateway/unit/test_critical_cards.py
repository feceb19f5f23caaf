"""What each person reads of a critical value in each state, and what a wall must not say."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from msgspec.structs import replace

from myelin_gateway.flows import events as on
from myelin_gateway.flows.cards import wall_clock, wall_date
from myelin_gateway.flows.cases import Case, Person
from myelin_gateway.flows.critical_cards import critical_message, station_message
from myelin_gateway.model import Identifier, Patient
from tests.gateway.ward import (
    CHIEF,
    FIRST,
    MINUTE,
    NURSE,
    NURSE_2,
    OFFICER,
    ORDERER,
    PATIENT,
    T0,
    Story,
    a_case,
    check_card,
    potassium,
)

STEPS: tuple[tuple[str, Callable[[Story], Story]], ...] = (
    ("notified", lambda story: story.delivered()),
    ("received", lambda story: story.press(NURSE, "receive")),
    ("read_back", lambda story: story.press(NURSE, "read_back", "6.8")),
    ("told", lambda story: story.press(NURSE, "tell", FIRST.number)),
    ("confirmed", lambda story: story.press(FIRST, "confirm")),
    ("acting", lambda story: story.press(FIRST, "act", "葡萄糖酸钙静推")),
    ("closed", lambda story: story.press(FIRST, "close")),
)
# By state: how it is called, and what the owner, another nurse, another physician may press.
TABLE: dict[str, tuple[str, list[str], list[str], list[str]]] = {
    "notified": ("待接收", ["receive"], ["receive"], ["confirm"]),
    "received": ("护甲已接收，待复述", ["read_back", "transfer"], [], ["confirm"]),
    "read_back": ("护甲已复述，待告知医生", ["tell", "transfer"], [], ["confirm"]),
    "told": ("已告知医乙，待医生确认", ["tell", "transfer"], [], ["confirm"]),
    "confirmed": ("医乙已确认，待处理", [], [], []),
    "acting": ("医乙处理中", [], [], []),
    "closed": ("已处理完毕", [], [], []),
}


def at_state(state: str) -> Case:
    story = Story()
    for name, step in STEPS:
        step(story)
        if name == state:
            break
    assert story.case.state == state
    return story.case


def offered(case: Case, person: Person) -> list[str]:
    message = critical_message(case, person)
    check_card(message)
    return [action.id for action in message.card.actions]


@pytest.mark.parametrize("state", TABLE)
def test_each_state_has_its_name_and_everybody_their_buttons(state: str) -> None:
    case = at_state(state)
    name, nurse, other_nurse, physician = TABLE[state]
    assert critical_message(case, ORDERER).card.state_label == name
    assert offered(case, NURSE) == nurse
    assert offered(case, NURSE_2) == other_nurse
    assert offered(case, ORDERER) == physician
    assert offered(case, OFFICER) == [], "whoever is only informed has nothing to press"


@pytest.mark.parametrize("state", TABLE)
@pytest.mark.parametrize("person", [NURSE, ORDERER, FIRST, OFFICER])
def test_the_text_says_everything_that_the_card_says(state: str, person: Person) -> None:
    case = at_state(state)
    message = critical_message(case, person)
    for said in ("血钾 6.8 mmol/L ↑↑（3.5–5.3）", "测试患者甲", "患者号 T000017", "就诊号 V17", "心内科 12 床"):
        assert said in message.body
    assert message.card.state_label in message.body
    assert all(action.label in message.body for action in message.card.actions)
    assert ("检验科电话 6301" in message.body) == case.is_open
    if message.card.deadline is not None and message.card.actions:
        assert wall_clock(message.card.deadline, 480) in message.body


@pytest.mark.parametrize("state", TABLE)
def test_a_wall_says_ward_bed_and_deadline_and_nothing_else(state: str) -> None:
    case = at_state(state)
    message = station_message(case, "station.xn")
    check_card(message)
    written = message.body + msgspec.json.encode(message.card).decode()
    assert all(secret not in written for secret in ("测试患者甲", "T000017", "V17", "6.8", "血钾", "护甲", "葡萄糖"))
    assert not (message.card.actions or message.card.facts or message.card.patient or message.card.links)
    if case.state in ("notified", "received", "read_back", "told"):
        assert "心内科 12 床" in message.body
        assert message.card.deadline is not None
        assert wall_clock(message.card.deadline, 480) in message.body
    else:
        assert message.card.deadline is None


def test_the_whole_course_is_written_with_its_times() -> None:
    body = critical_message(at_state("closed"), NURSE).body
    for said in ("08:00 护甲接收", "护甲复述数值", "护甲告知医乙", "医乙确认", "医乙处理：葡萄糖酸钙静推", "医乙关闭"):
        assert said in body


def test_a_doubtful_name_is_marked_and_an_identity_card_is_not_shown() -> None:
    patient = replace(PATIENT, name_is_doubtful=True, identifiers=(Identifier("X0000", "NI"), Identifier("B3", "MR")))
    message = critical_message(a_case(patient=patient), NURSE)
    assert message.card.patient
    assert message.card.patient.name == "测试患者甲（姓名待核对）"
    assert "X0000" not in message.body
    assert [i.value for i in message.card.patient.identifiers][:2] == ["T000017", "B3"]


def test_a_patient_of_one_number_only_still_makes_a_card() -> None:
    patient = replace(PATIENT, birth_date="", sex="", identifiers=(), name="")
    check_card(critical_message(a_case(patient=patient), NURSE))
    unknown = critical_message(a_case(patient=Patient("")), NURSE)
    check_card(unknown)
    assert unknown.card.patient is None


def test_a_very_long_case_stays_a_card() -> None:
    story = Story(a_case(result=replace(potassium(), text="长" * 5000, reference="长" * 500)))
    for n in range(300):
        story.on(on.Called(OFFICER, CHIEF, answered=False)).on(on.ExceptionProposed(OFFICER, f"理由{n}" * 40))
    check_card(critical_message(story.case, NURSE))


@pytest.mark.parametrize(
    ("at", "zone_minutes", "text"),
    [
        (T0, 480, "11-24 08:00"),
        (0, 0, "01-01 00:00"),
        (1_709_164_800_000, 0, "02-29 00:00"),
        (1_709_251_200_000, 0, "03-01 00:00"),
        (1_798_732_740_000, 0, "12-31 15:59"),
        (1_798_732_800_000, 480, "01-01 00:00"),
        (T0 + 16 * 60 * MINUTE, 480, "11-25 00:00"),
    ],
)
def test_the_calendar_on_the_wall(at: int, zone_minutes: int, text: str) -> None:
    assert wall_date(at, zone_minutes) == text
