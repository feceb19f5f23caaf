"""A critical value that must be answered: `decide` is the whole of it, and `TRANSITIONS` its table.

A nurse receives, reads the value back and tells a named physician; the physician confirms, acts and closes. Each has
clocks of their own, and until a physician has confirmed the ladder goes on whatever the nurse has done. Everything is a
function of the case, an event, the time, and who is on duty: the same after a restart as before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from myelin_gateway.flows import events as on
from myelin_gateway.flows.actions import RULES, Act, confirm, press, read_back, refused, wrong_value
from myelin_gateway.flows.cards import answer_to, value_text
from myelin_gateway.flows.cases import (
    BEFORE_CONFIRMATION,
    BEFORE_RECEIPT,
    Alarmed,
    Case,
    Duty,
    Person,
    ProposedException,
)
from myelin_gateway.flows.critical_cards import critical_message, station_message
from myelin_gateway.flows.decisions import (
    Decision,
    ended,
    everybody,
    ring,
    ring_all,
    tell_laboratory,
    with_clock,
    with_step,
    without_clocks,
)
from myelin_gateway.flows.effects import Console, Effect, RefreshCard, Ring, SendCard, SetDeadline
from myelin_gateway.flows.escalation import ask_next, candidates, climb, climb_to_desk, end_turn, people_of
from myelin_gateway.flows.events import Event
from myelin_gateway.flows.ladders import Target
from myelin_gateway.flows.read_back import says
from myelin_gateway.flows.timers import begun, expire_all, reached
from myelin_gateway.model import CRITICAL_FLAGS, Result

Transition = Callable[[Case, Any, int, Duty], Decision]


def is_critical(result: Result) -> bool:
    """Somebody must answer for this; the mapping has set the flag where the laboratory has not."""
    return result.status in ("F", "P", "C") and bool(CRITICAL_FLAGS.intersection(result.flags))


def same_alarm(case: Case, patient_id: str, result: Result) -> bool:
    """Whether a new result is of the open case: same patient, analyte and direction."""
    return (
        case.is_open
        and case.state != "corrected"
        and case.patient.patient_id == patient_id
        and same_analyte(case, result)
        and not _directions(case.result).isdisjoint(_directions(result))
    )


def same_analyte(case: Case, result: Result) -> bool:
    """Whether the same thing was measured: by LOINC where both have it, else by the system's own code."""
    known, new = case.result.analyte, result.analyte
    return known.loinc == new.loinc if known.loinc and new.loinc else known.code == new.code


def _directions(result: Result) -> frozenset[str]:
    return frozenset(CRITICAL_FLAGS.intersection(result.flags))


def open_case(case: Case, at: int, duty: Duty, *, why: str = "") -> Decision:
    """The first rung. `why` opens it at the telephone desk too: a message that nobody could read may be a result."""
    stations = (case.ward.station,) if case.ward.station else ()
    begun = with_step(replace(case, stations=stations), "detected", case.opened_at)
    if case.homeserver_is_silent:
        decision = climb_to_desk(begun, case.opened_at, at, duty)
    else:
        begun = with_clock(begun, "send", at + case.clocks.deliver_ms)
        decision = climb(begun, case.opened_at, at, duty)
    if why:
        decision = decision.also(Console(case.case_id, why, people=decision.case.candidates))
    return _complete(case, decision, at)


def decide(case: Case, event: Event, at: int, duty: Duty) -> Decision:
    """What an event makes of a case. Only effects of a decision that was committed may be carried out."""
    return _complete(case, TRANSITIONS[type(event)](case, event, at, duty), at, event)


def _pressed(case: Case, event: on.Pressed, at: int, duty: Duty) -> Decision:
    """Who presses a card has it, even where the homeserver's own word of that comes later."""
    has_it = _sent(case, on.Sent(event.number), at, duty) if case.alarm_of(event.number) else Decision(case)
    return has_it.then(lambda c: press(c, event, at, duty))


def _due(case: Case, event: on.Due, at: int, duty: Duty) -> Decision:
    return expire_all(case, at, duty)


def _sent(case: Case, event: on.Sent, at: int, duty: Duty) -> Decision:
    case = begun(without_clocks(case, "send"), event.number, at)
    alarmed = case.alarm_of(event.number)
    if case.state != "detected" or alarmed is None:
        return Decision(case)
    case = with_step(replace(case, state="notified"), "notified", at, alarmed.person)
    return tell_laboratory(case, "NOTIFIED", at, alarmed.person)


def _delivered(case: Case, event: on.Delivered, at: int, duty: Duty) -> Decision:
    return Decision(reached(case, event.number))


def _no_device(case: Case, event: on.NoDevice, at: int, duty: Duty) -> Decision:
    return end_turn(case, event.number, "no_device", at, duty) if case.is_open else Decision(case)


def _device_appeared(case: Case, event: on.DeviceAppeared, at: int, duty: Duty) -> Decision:
    """They were asked when they could not hear it."""
    alarmed = case.alarm_of(event.number)
    return ring(case, alarmed.person, at) if alarmed and case.is_open else Decision(case)


def _homeserver_silent(case: Case, event: on.HomeserverSilent, at: int, duty: Duty) -> Decision:
    if case.homeserver_is_silent or not case.is_open:
        return Decision(case)
    waiting = tuple(replace(alarmed, until=None) for alarmed in case.alarmed)
    case = replace(without_clocks(case, "send"), homeserver_is_silent=True, alarmed=waiting)
    case = with_step(case, "homeserver_silent", at)
    return climb_to_desk(case, at, at, duty) if case.state in BEFORE_CONFIRMATION else Decision(case)


def _homeserver_back(case: Case, event: on.HomeserverBack, at: int, duty: Duty) -> Decision:
    if not case.homeserver_is_silent or not case.is_open:
        return Decision(replace(case, homeserver_is_silent=False))
    until = at + case.clocks.deliver_ms
    alarmed = tuple(replace(a, until=until) if a.turn == "waiting" else a for a in case.alarmed)
    return Decision(with_step(replace(case, homeserver_is_silent=False, alarmed=alarmed), "homeserver_back", at))


def _joined(case: Case, event: on.ResultJoined, at: int, duty: Duty) -> Decision:
    """Preliminary and final of one value are one alarm; another value is told to everybody who knows the first."""
    before, after = value_text(case.result), value_text(event.result)
    if not case.is_open or event.result == case.result:
        return Decision(case)
    if _is_older(event.result, case.result):
        return Decision(with_step(_resting_on(case, event.report_id, first=True), "joined_older", at, detail=after))
    case = _resting_on(case, event.report_id)
    case = with_step(replace(case, result=event.result), "joined", at, detail=f"{before} → {after}")
    if case.state == "corrected":
        case = with_clock(_begun_again(case), "rung", at + case.clocks.receive_ms)
    return Decision(case) if before == after else ring_all(case, everybody(case), at)


def _is_older(result: Result, known: Result) -> bool:
    """It was taken before the one that counts, and came after it."""
    return None not in (result.observed_at, known.observed_at) and (result.observed_at or 0) < (known.observed_at or 0)


def _resting_on(case: Case, report_id: str, *, first: bool = False) -> Case:
    others = tuple(known for known in case.report_ids if known != report_id)
    if not report_id or (first and report_id in case.report_ids):
        return case
    return replace(case, report_ids=(report_id, *others) if first else (*others, report_id))


def _corrected(case: Case, event: on.ResultCorrected, at: int, duty: Duty) -> Decision:
    """Never withdrawn silently: everybody who was alarmed is alarmed again, even where the case has ended."""
    result = _withdrawn(event.result) if event.result.status in ("X", "D") else event.result
    if result == case.result:
        return Decision(case)
    detail = f"{value_text(case.result)} → {value_text(result)}"
    if event.report_id in case.report_ids[:-1]:
        # An earlier value is taken back; the one that counts still does.
        case = with_step(case, "corrected", at, detail=f"此前的结果 → {value_text(result)}")
        return ring_all(case, everybody(case), at)
    case = with_step(replace(case, result=result), "corrected", at, detail=detail)
    if not case.is_open:
        return ring_all(case, everybody(case), at)
    case = with_clock(_begun_again(case), "rung", at + case.clocks.receive_ms)
    return ring_all(case, everybody(case), at)


def _withdrawn(result: Result) -> Result:
    """No card shows a number that the laboratory has taken back."""
    return replace(result, text="已作废", number=None, comparator="", unit="", flags=())


def _begun_again(case: Case) -> Case:
    """Still critical: what was read back is not the value, so everything is done anew. Else the owner must know."""
    case = replace(without_clocks(case, "send", "nurse", "act", "accept"), transfer=None, exception=None, late=())
    if not is_critical(case.result):
        return replace(case, state="corrected")
    return replace(case, state="notified", nurse=None, told=None, physician=None)


def _moved(case: Case, event: on.PatientMoved, at: int, duty: Duty) -> Decision:
    """The new ward's nurses are asked where nobody has received yet; clocks and people stay."""
    if not case.is_open or (event.place, event.ward) == (case.place, case.ward):
        return Decision(replace(case, place=event.place, ward=event.ward))
    station = event.ward.station
    stations = (*(s for s in case.stations if s != station), station) if station else case.stations
    place = f"{event.ward.name} {event.place.bed}".strip()
    case = replace(case, place=event.place, ward=event.ward, stations=stations)
    case = with_step(case, "moved", at, detail=place)
    if case.state not in BEFORE_RECEIPT:
        return ring_all(case, (case.owner,) if case.owner else everybody(case), at)
    nurses = people_of(case, Target("ward_nurses"), at, duty)
    return ring_all(case, nurses, at) if nurses else ask_next(case, at, at, duty)


def _merged(case: Case, event: on.PatientMerged, at: int, duty: Duty) -> Decision:
    case = with_step(replace(case, patient=event.patient), "merged", at, detail=event.patient.patient_id)
    return ring_all(case, everybody(case), at) if case.is_open else Decision(case)


def _updated(case: Case, event: on.PatientUpdated, at: int, duty: Duty) -> Decision:
    if not case.is_open or event.patient == case.patient:
        return Decision(case)
    return Decision(with_step(replace(case, patient=event.patient), "patient_updated", at))


def _left(case: Case, event: on.PatientLeft, at: int, duty: Duty) -> Decision:
    return _told_to_owner(case, "left", at)


def _returned(case: Case, event: on.PatientReturned, at: int, duty: Duty) -> Decision:
    return _told_to_owner(case, "returned", at)


def _told_to_owner(case: Case, step: str, at: int) -> Decision:
    if not case.is_open:
        return Decision(case)
    return ring_all(with_step(case, step, at), (case.owner,) if case.owner else everybody(case), at)


def _staff_left(case: Case, event: on.StaffLeft, at: int, duty: Duty) -> Decision:
    """Whoever may no longer act is not waited for: what they had is open again, and the next rung is asked."""
    gone = case.alarm_of(event.number)
    if gone is None or not case.is_open:
        return Decision(case)
    had_it = event.number in {p.number for p in (case.nurse, case.told, case.physician) if p}
    left = replace(case, gone=(*case.gone, event.number), alarmed=tuple(a for a in case.alarmed if a is not gone))
    left = replace(left, candidates=candidates(left, at, duty))
    left = with_step(_without(left, event.number), "staff_left", at, gone.person)
    others = any(alarmed.turn != "over" for alarmed in left.alarmed)
    return Decision(left) if others and not had_it else ask_next(left, at, at, duty)


def _without(case: Case, number: str) -> Case:
    if case.transfer and number in (case.transfer.giver.number, case.transfer.taker.number):
        case = replace(without_clocks(case, "accept"), transfer=None)
    if case.told and case.told.number == number and case.state == "told":
        case = replace(case, told=None, state="read_back")
    if case.physician and case.physician.number == number:
        state = "read_back" if case.nurse else "notified"
        case = replace(
            without_clocks(case, "act"), physician=None, state=case.state if case.state == "corrected" else state
        )
    if case.nurse and case.nurse.number == number:
        state = "notified" if case.state in ("received", "read_back") else case.state
        case = replace(without_clocks(case, "nurse"), nurse=None, state=state)
    return case


def _called(case: Case, event: on.Called, at: int, duty: Duty) -> Decision:
    """A call moves the case as the person's own card would; that it was made is kept in any case."""
    if not event.answered:
        return Decision(with_step(case, "call_failed", at, event.by, event.whom.name, via="console"))
    case = with_step(_addressed(case, event.whom, at), "called", at, event.by, event.whom.name, via="console")
    act = Act(event.whom, event.value.strip(), at, duty, via="console")
    if event.whom.profession == "other":
        return Decision(case)
    action = {"nurse": "receive", "physician": "confirm"}[event.whom.profession]
    if action == "receive" and case.state == "received" and event.whom.is_(case.nurse):
        return read_back(case, act)
    if refusal := refused(case, action, act):
        return Decision(case, refusal=refusal)
    if not says(case.result, act.words):
        return wrong_value(case, act)
    return (
        RULES["receive"].perform(case, act).then(lambda c: read_back(c, act))
        if action == "receive"
        else confirm(case, act)
    )


def _addressed(case: Case, person: Person, at: int) -> Case:
    """Whoever was reached by telephone was alarmed, and hears of whatever follows."""
    if case.alarm_of(person.number):
        return reached(case, person.number)
    return replace(case, alarmed=(*case.alarmed, Alarmed(person, at, "reached")))


def _exception_proposed(case: Case, event: on.ExceptionProposed, at: int, duty: Duty) -> Decision:
    if not case.is_open or not event.reason.strip():
        return Decision(case, refusal="请写明例外结束的理由。" if case.is_open else "此危急值已经结束。")
    case = replace(case, exception=ProposedException(event.by, event.reason))
    return Decision(with_step(case, "exception_proposed", at, event.by, event.reason, via="console"))


def _exception_agreed(case: Case, event: on.ExceptionAgreed, at: int, duty: Duty) -> Decision:
    proposed = case.exception
    if proposed is None:
        return Decision(case, refusal="没有等待同意的例外申请。")
    if proposed.person.number == event.by.number:
        return Decision(case, refusal="例外结束须由另一人同意。")
    case = with_step(ended(replace(case, state="excepted")), "excepted", at, event.by, proposed.reason, via="console")
    return tell_laboratory(case, "CLOSED", at, event.by, proposed.reason)


TRANSITIONS: Mapping[type[Event], Transition] = {
    on.Pressed: _pressed,
    on.Due: _due,
    on.Sent: _sent,
    on.Delivered: _delivered,
    on.NoDevice: _no_device,
    on.DeviceAppeared: _device_appeared,
    on.HomeserverSilent: _homeserver_silent,
    on.HomeserverBack: _homeserver_back,
    on.ResultJoined: _joined,
    on.ResultCorrected: _corrected,
    on.PatientMoved: _moved,
    on.PatientMerged: _merged,
    on.PatientUpdated: _updated,
    on.PatientLeft: _left,
    on.PatientReturned: _returned,
    on.StaffLeft: _staff_left,
    on.Called: _called,
    on.ExceptionProposed: _exception_proposed,
    on.ExceptionAgreed: _exception_agreed,
}


def _complete(before: Case, decision: Decision, at: int, event: Event | None = None) -> Decision:
    """Raise the revision, draw every card anew, and say when to look again."""
    case = _revised(before, decision.case)
    decision = replace(decision, case=case)
    rung = tuple(dict.fromkeys(effect.number for effect in decision.effects if isinstance(effect, Ring)))
    others = tuple(effect for effect in decision.effects if not isinstance(effect, Ring))
    effects = (*_sends(before, case, rung), *others, *_refreshes(before, decision, rung, event), *_next(before, case))
    return replace(decision, effects=effects)


def _revised(before: Case, after: Case) -> Case:
    if len(after.steps) == len(before.steps):
        return after
    same = (before.patient, value_text(before.result)) == (after.patient, value_text(after.result))
    rev = before.rev + 1
    return replace(after, rev=rev, valid_from_rev=before.valid_from_rev if same else rev)


def _sends(before: Case, case: Case, rung: tuple[str, ...]) -> list[Effect]:
    people = [alarmed.person for number in rung if (alarmed := case.alarm_of(number))]
    stations = [station for station in case.stations if station not in before.stations]
    return [
        *(SendCard(person.number, critical_message(case, person)) for person in people),
        *(SendCard(station, station_message(case, station)) for station in stations),
    ]


def _refreshes(before: Case, decision: Decision, rung: tuple[str, ...], event: Event | None) -> list[Effect]:
    """Who has a card already sees the new state; whoever pressed hears what became of it, whether it counted or not."""
    case = decision.case
    answer = answer_to(event.uuid, decision.refusal) if isinstance(event, on.Pressed) else None
    presser = event.number if isinstance(event, on.Pressed) else None
    changed = case.rev != before.rev
    people = [a.person for a in case.alarmed if a.person.number == presser or (changed and a.person.number not in rung)]
    stations = [s for s in case.stations if changed and s in before.stations]
    return [
        *(RefreshCard(p.number, critical_message(case, p, answer if p.number == presser else None)) for p in people),
        *(RefreshCard(station, station_message(case, station)) for station in stations),
    ]


def _next(before: Case, case: Case) -> tuple[SetDeadline, ...]:
    due_at = case.next_due()
    return () if due_at == before.next_due() else (SetDeadline(case.case_id, due_at),)
