"""Whatever happens, in whatever order, with restarts and clocks that step: a critical value is never silent."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from myelin_gateway.flows import events as on
from myelin_gateway.flows.cases import Case, Person, Ward
from myelin_gateway.flows.critical_value import decide, is_critical, open_case
from myelin_gateway.flows.decisions import Decision
from myelin_gateway.flows.effects import Console, Effect, Http, RefreshCard, SendCard, SetDeadline
from myelin_gateway.flows.events import Event
from myelin_gateway.model import Patient, Place
from tests.gateway.ward import DUTY, EVERYBODY, MINUTE, T0, a_case, check_card, potassium

people = st.sampled_from(EVERYBODY)
actions = st.sampled_from(
    [
        "receive",
        "read_back",
        "tell",
        "confirm",
        "act",
        "close",
        "note",
        "transfer",
        "accept",
        "decline",
        "take_over",
        "?",
    ]
)
words = st.sampled_from([None, "", "6.8", "7.1", "3.8", "补钙", "1002", "2002", "1001", "x" * 201])
results = st.builds(
    potassium, st.sampled_from(["6.8", "7.1", "3.8"]), st.sampled_from("FPCXD"), st.sampled_from(["HH", "N"])
)
wards = st.sampled_from([Ward("心内科", "心内科", "心内科-护士", "station.xn"), Ward("肾内科", "", "", "station.sn")])


class CriticalValue(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now, self.presses = T0, 0
        self.heard: dict[str, list[str]] = {}
        self.deadline: int | None = None
        self.at_desk = False
        self.case = self.commit(a_case(), open_case(a_case(), T0, DUTY))

    def commit(self, before: Case, decision: Decision) -> Case:
        after = decision.case
        assert after.steps[: len(before.steps)] == before.steps, "steps are only appended"
        assert after.rev >= before.rev
        assert (after.rev > before.rev) == (len(after.steps) > len(before.steps))
        for effect in decision.effects:
            self.carry_out(effect)
        # One of them by the whole schema: that is slow.
        for effect in decision.effects[:1]:
            if isinstance(effect, SendCard | RefreshCard):
                check_card(effect.message)
        return after

    def carry_out(self, effect: Effect) -> None:
        match effect:
            case SendCard(to, message) | RefreshCard(to, message):
                self.heard.setdefault(to, []).append(message.card.facts[0].value if message.card.facts else "")
            case SetDeadline(_, due_at):
                self.deadline = due_at
            case Console() | Http():
                self.at_desk = True

    def happens(self, event: Event) -> Decision:
        decision = decide(self.case, event, self.now, DUTY)
        self.case = self.commit(self.case, decision)
        return decision

    @rule(person=people, action=actions, words=words, age=st.integers(0, 3))
    def somebody_presses(self, person: Person, action: str, words: str | None, age: int) -> None:
        self.presses += 1
        press = on.Pressed(person.number, action, max(self.case.rev - age, 0), f"u{self.presses}", words)
        before = self.case
        decision = self.happens(press)
        if before.alarm_of(person.number):
            answers = [
                e.message.card.answer for e in decision.effects if isinstance(e, RefreshCard) and e.to == press.number
            ]
            assert [answer.accepted for answer in answers if answer] == [not decision.refusal]
        assert decision.refusal or self.case.steps != before.steps
        assert len(decision.refusal) <= 200

    @rule(first=people, second=people, action=st.sampled_from(["receive", "confirm"]))
    def two_press_at_once(self, first: Person, second: Person, action: str) -> None:
        rev = self.case.rev
        one = self.happens(on.Pressed(first.number, action, rev, f"a{self.presses}", self.case.result.text))
        two = self.happens(on.Pressed(second.number, action, rev, f"b{self.presses}", self.case.result.text))
        self.presses += 1
        assert one.refusal or two.refusal
        if not one.refusal and second.profession == first.profession and self.case.alarm_of(second.number):
            assert first.name in two.refusal

    @rule(make=st.sampled_from([on.Sent, on.Delivered, on.NoDevice, on.DeviceAppeared]), person=people)
    def a_card_fares(self, make: Callable[[str], Event], person: Person) -> None:
        self.happens(make(person.number))

    @rule(event=st.sampled_from([on.HomeserverSilent(), on.HomeserverBack(), on.PatientLeft(), on.PatientReturned()]))
    def the_world_changes(self, event: Event) -> None:
        self.happens(event)

    @rule(person=st.sampled_from(EVERYBODY[:2]))
    def somebody_leaves(self, person: Person) -> None:
        self.happens(on.StaffLeft(person.number))

    @rule(place=st.sampled_from([Place("XN", "", "12"), Place("SN", "", "3")]), ward=wards)
    def the_patient_moves(self, place: Place, ward: Ward) -> None:
        self.happens(on.PatientMoved(place, ward))

    @rule(number=st.sampled_from(["T000017", "T000099"]))
    def the_patient_is_merged(self, number: str) -> None:
        self.happens(on.PatientMerged(Patient(number, "测试患者甲")))

    @rule(result=results.filter(is_critical))
    def another_result_comes(self, result: object) -> None:
        self.happens(on.ResultJoined(msgspec.convert(result, type(self.case.result))))

    @rule(result=results.filter(lambda result: result.status in "CXD"))
    def the_laboratory_corrects(self, result: object) -> None:
        alarmed, before = {a.person.number for a in self.case.alarmed}, self.case
        told = {number: len(self.heard.get(number, [])) for number in alarmed}
        decision = self.happens(on.ResultCorrected(msgspec.convert(result, type(self.case.result))))
        if self.case.result != before.result:
            assert alarmed <= {e.to for e in decision.effects if isinstance(e, SendCard)}
            assert all(len(self.heard[number]) > told[number] for number in alarmed)

    @rule(by=people, whom=people, answered=st.booleans(), value=st.sampled_from(["6.8", "7.1", ""]))
    def the_desk_calls(self, by: Person, whom: Person, answered: bool, value: str) -> None:
        self.happens(on.Called(by, whom, answered, value))

    @rule(by=people, agrees=st.booleans())
    def an_exception(self, by: Person, agrees: bool) -> None:
        proposed = self.case.exception
        self.happens(on.ExceptionAgreed(by) if agrees else on.ExceptionProposed(by, "患者已转院"))
        if proposed and self.case.state == "excepted" and self.case.exception is None:
            assert proposed.person.number != by.number or not agrees

    @rule(step=st.sampled_from([-10 * MINUTE, 1000, 59_000, MINUTE, 3 * MINUTE, 5 * MINUTE, 40 * MINUTE]))
    def time_passes(self, step: int) -> None:
        self.now = max(T0, self.now + step)
        self.happens(on.Due())
        due_at = self.case.next_due()
        assert due_at is None or due_at > self.now, "nothing that was due is left"

    @rule()
    def it_restarts(self) -> None:
        assert msgspec.json.decode(msgspec.json.encode(self.case), type=Case) == self.case
        self.case = msgspec.msgpack.decode(msgspec.msgpack.encode(self.case), type=Case)

    @precondition(lambda self: self.case.is_open)
    @rule()
    def nobody_does_anything_for_hours(self) -> None:
        self.at_desk = False
        for _ in range(12):
            if (due_at := self.case.next_due()) is None:
                break
            self.now = max(self.now, due_at)
            self.happens(on.Due())
        for _ in range(200):
            if self.at_desk or not self.case.is_open:
                break
            self.now = max(self.now, self.case.next_due() or 0)
            self.happens(on.Due())
        assert self.at_desk, "whoever is silent long enough, the telephone desk is asked"

    @invariant()
    def is_never_silent(self) -> None:
        assert self.deadline == self.case.next_due()
        assert not self.case.is_open or self.deadline is not None
        # Not only somebody's device is waited for: a clock of the case runs.
        assert not self.case.is_open or {"rung", "act"} & {deadline.name for deadline in self.case.deadlines}

    @invariant()
    def has_at_most_one_owner(self) -> None:
        assert self.case.owner in (None, self.case.nurse, self.case.physician)
        assert len({deadline.name for deadline in self.case.deadlines}) == len(self.case.deadlines)
        assert self.case.nurse is None or self.case.nurse.profession == "nurse"
        assert self.case.physician is None or self.case.physician.profession == "physician"

    @invariant()
    def everybody_who_was_alarmed_knows_the_value(self) -> None:
        for alarmed in self.case.alarmed:
            if values := self.heard.get(alarmed.person.number):
                assert values[-1] == self.case.result.text


CriticalValue.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
test_critical_value = CriticalValue.TestCase
