"""What follows when a clock of a critical value has run out. The table is `EXPIRES`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from msgspec.structs import replace

from myelin_gateway.flows.cases import Alarmed, Case, ClockName, Duty, Person, Profession, Turn
from myelin_gateway.flows.decisions import Decision, ring, with_step, without_clocks
from myelin_gateway.flows.escalation import ask_next, climb_to_desk, end_turn, lapse, missed

Expire = Callable[[Case, int, int, Duty], Decision]


def expire_all(case: Case, at: int, duty: Duty) -> Decision:
    """Everything that is due by now, in the order in which it was due.

    It ends: each expiry takes its clock away or sets it later than now, but for the rungs, of which there are few.
    """
    decision = Decision(case)
    while decision.case.is_open and (due_at := decision.case.next_due()) is not None and due_at <= at:
        decision = decision.then(partial(_expire, due_at=due_at, at=at, duty=duty))
    return decision


def _expire(case: Case, due_at: int, at: int, duty: Duty) -> Decision:
    for deadline in case.deadlines:
        if deadline.due_at == due_at:
            return EXPIRES[deadline.name](without_clocks(case, deadline.name), due_at, at, duty)
    waited = next(alarmed for alarmed in case.alarmed if alarmed.until == due_at)
    return end_turn(case, waited.person.number, "not_delivered", at, duty)


def _never_sent(case: Case, due_at: int, at: int, duty: Duty) -> Decision:
    """Their turns begin when the homeserver has their cards; until then the telephone desk asks."""
    waiting = tuple(replace(alarmed, until=None) for alarmed in case.alarmed)
    case = with_step(replace(case, alarmed=waiting), "not_sent", at, via="clock")
    return climb_to_desk(case, due_at, at, duty)


def _nurse_late(case: Case, due_at: int, at: int, duty: Duty) -> Decision:
    return _owner_late(case, "nurse", case.nurse, due_at, at, duty)


def _physician_late(case: Case, due_at: int, at: int, duty: Duty) -> Decision:
    return _owner_late(case, "physician", case.physician, due_at, at, duty)


def _owner_late(case: Case, profession: Profession, owner: Person | None, due_at: int, at: int, duty: Duty) -> Decision:
    """Their own card rings again, and the next rung is asked: from now on a colleague may take over."""
    case = with_step(missed(case, profession), "overdue", at, owner, via="clock")
    decision = ring(case, owner, at) if owner else Decision(case)
    return decision.then(lambda c: ask_next(c, due_at, at, duty))


def _rung_due(case: Case, due_at: int, at: int, duty: Duty) -> Decision:
    """Nobody has answered. The nurse who told a physician hears that the physician has not."""
    decision = ask_next(_late_owner(case), due_at, at, duty)
    if case.state == "told" and case.nurse:
        nurse = case.nurse
        return decision.then(lambda c: ring(c, nurse, at))
    return decision


def _late_owner(case: Case) -> Case:
    return missed(case, case.owner.profession) if case.state == "corrected" and case.owner else case


def _not_accepted(case: Case, due_at: int, at: int, duty: Duty) -> Decision:
    return lapse(case, "transfer_lapsed", at)


EXPIRES: Mapping[ClockName, Expire] = {
    "send": _never_sent,
    "nurse": _nurse_late,
    "rung": _rung_due,
    "act": _physician_late,
    "accept": _not_accepted,
}


def reached(case: Case, number: str) -> Case:
    """A device of theirs has the card: their turn lasts."""
    return _with_turn(case, number, "reached", None)


def begun(case: Case, number: str, at: int) -> Case:
    """The homeserver has their card, later than it should: a device must have it a minute from now."""
    alarmed = case.alarm_of(number)
    waits = case.is_open and alarmed is not None and alarmed.until is None and not case.homeserver_is_silent
    return _with_turn(case, number, "waiting", at + case.clocks.deliver_ms) if waits else case


def _with_turn(case: Case, number: str, turn: Turn, until: int | None) -> Case:
    def turned(alarmed: Alarmed) -> Alarmed:
        waits = alarmed.person.number == number and alarmed.turn == "waiting"
        return replace(alarmed, turn=turn, until=until) if waits else alarmed

    return replace(case, alarmed=tuple(turned(alarmed) for alarmed in case.alarmed))
