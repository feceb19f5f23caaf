"""A ward for the flows: who works there, who is on duty, and one critical value. Nobody here is anybody."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import jsonschema
import msgspec
from msgspec.structs import replace

from myelin_gateway.flows import events as on
from myelin_gateway.flows.cards import MAX_CARD_CHARACTERS, Message
from myelin_gateway.flows.cases import Case, Desk, Duty, Person, Ward
from myelin_gateway.flows.critical_value import decide, open_case
from myelin_gateway.flows.decisions import Decision
from myelin_gateway.flows.effects import Console, Effect, Http, RefreshCard, SendCard, TellLaboratory
from myelin_gateway.flows.events import Event
from myelin_gateway.model import Analyte, Identifier, Patient, Place, Result

SCHEMA = jsonschema.Draft202012Validator(
    json.loads((Path(__file__).resolve().parents[2] / "docs/card.schema.json").read_text())
)
# 08:00 in Shanghai.
T0 = 1_795_478_400_000
SECOND, MINUTE = 1000, 60_000

NURSE, NURSE_2, HEAD_NURSE = (
    Person(n, name, "nurse") for n, name in (("2001", "护甲"), ("2002", "护乙"), ("2009", "护长"))
)
ORDERER = Person("1001", "医甲", "physician")
FIRST, SECOND_LINE, CHIEF = (
    Person(n, name, "physician") for n, name in (("1002", "医乙"), ("1003", "医丙"), ("1009", "主任"))
)
OFFICER = Person("9001", "值班员")
EVERYBODY = (NURSE, NURSE_2, HEAD_NURSE, ORDERER, FIRST, SECOND_LINE, CHIEF, OFFICER)

ROSTER: dict[str, tuple[Person, ...]] = {
    "心内科-护士": (NURSE, NURSE_2),
    "心内科-一线": (FIRST,),
    "心内科-二线": (SECOND_LINE,),
    "心内科-护士长": (HEAD_NURSE,),
    "心内科-主任": (CHIEF,),
    "总值班": (OFFICER,),
}


class Roster(msgspec.Struct, frozen=True):
    """Who is on duty, by role; the same at every time."""

    roles: dict[str, tuple[Person, ...]]

    def on_duty(self, role: str, at: int) -> tuple[Person, ...]:
        return self.roles.get(role, ())

    def person(self, number: str) -> Person | None:
        return next((person for person in EVERYBODY if person.number == number), None)


DUTY: Duty = Roster(ROSTER)


def potassium(text: str = "6.8", status: str = "F", flag: str = "HH") -> Result:
    return msgspec.convert(
        {
            "analyte": {"code": "K", "name": "血钾", "loinc": "2823-3"},
            "text": text,
            "status": status,
            "number": text,
            "unit": "mmol/L",
            "reference": "3.5–5.3",
            "flags": [flag] if flag else [],
        },
        Result,
    )


PATIENT = Patient("T000017", "测试患者甲", "女", "19500101", (Identifier("V17", "VN"),))
CULTURE = Result(Analyte("BC", "血培养"), "阳性", flags=("AA",))
assert potassium().number == Decimal("6.8")


def a_case(**changes: object) -> Case:
    case = Case(
        case_id="cv-17",
        patient=PATIENT,
        result=potassium(),
        opened_at=T0,
        report_ids=("R17",),
        order_id="O17",
        place=Place("XN", "", "12"),
        ward=Ward("心内科", "心内科", "心内科-护士", "station.xn"),
        desk=Desk("6301", "https://reports.hospital.example/r/17"),
        orderers=(ORDERER,),
    )
    return replace(case, **changes)


class Story:
    """A case and everything that came of it, event by event; each card is checked against the published schema."""

    def __init__(self, case: Case | None = None, duty: Duty = DUTY, at: int = T0) -> None:
        self.duty, self.at, self.presses = duty, at, 0
        self.effects: list[Effect] = []
        self.case = self.take(open_case(case or a_case(), at, duty))

    def take(self, decision: Decision) -> Case:
        self.effects, self.refusal = list(decision.effects), decision.refusal
        for effect in self.effects:
            if isinstance(effect, SendCard | RefreshCard):
                check_card(effect.message)
        return decision.case

    def on(self, event: Event, after_ms: int = 0) -> Story:
        self.at += after_ms
        self.case = self.take(decide(self.case, event, self.at, self.duty))
        return self

    def due(self, at: int) -> Story:
        self.at = at
        return self.on(on.Due())

    def press(self, person: Person, action: str, words: str | None = None, rev: int | None = None) -> Story:
        self.presses += 1
        rev = self.case.rev if rev is None else rev
        return self.on(on.Pressed(person.number, action, rev, f"u{self.presses}", words))

    def delivered(self, *people: Person) -> Story:
        for person in people or tuple(a.person for a in self.case.alarmed):
            self.on(on.Sent(person.number)).on(on.Delivered(person.number))
        return self

    def rung(self) -> set[str]:
        return {effect.to for effect in self.effects if isinstance(effect, SendCard)}

    def refreshed(self) -> set[str]:
        return {effect.to for effect in self.effects if isinstance(effect, RefreshCard)}

    def desk_calls(self) -> list[Console | Http]:
        return [effect for effect in self.effects if isinstance(effect, Console | Http)]

    def laboratory(self) -> list[str]:
        return [effect.step for effect in self.effects if isinstance(effect, TellLaboratory)]

    def card(self, person: Person | str) -> Message:
        to = person if isinstance(person, str) else person.number
        return next(e.message for e in self.effects if isinstance(e, SendCard | RefreshCard) and e.to == to)

    def actions(self, person: Person) -> list[str]:
        return [action.id for action in self.card(person).card.actions]


def check_card(message: Message) -> None:
    """The card is one by `docs/cards.md`, and the text beside it is there."""
    card = message.content["org.myelin.card"]
    SCHEMA.validate(json.loads(msgspec.json.encode(card)))
    assert len(msgspec.json.encode(card).decode()) < MAX_CARD_CHARACTERS
    assert message.body
    assert "\n" not in message.body


def received() -> Story:
    return Story().delivered().press(NURSE, "receive")


def read_back() -> Story:
    return received().press(NURSE, "read_back", "6.8")


def told() -> Story:
    return read_back().press(NURSE, "tell", FIRST.number).delivered(FIRST)


def confirmed() -> Story:
    return told().press(FIRST, "confirm")


def numbers(*people: Person) -> set[str]:
    return {person.number for person in people}
