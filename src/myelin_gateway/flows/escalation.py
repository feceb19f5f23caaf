"""The ladder: who is asked when nobody has answered, and what happens where nobody can be reached.

The rungs' times count from the opening; where a rung came early (nobody was reached, a nurse's clock was missed), those
after it keep their distance to it. What is overdue after a restart is decided in its order, by the times that were due.
"""

from __future__ import annotations

from msgspec.structs import replace

from myelin_gateway.flows.cases import BEFORE_CONFIRMATION, BEFORE_RECEIPT, Case, Duty, Person, Profession
from myelin_gateway.flows.decisions import Decision, ring, ring_all, with_clock, with_step, without_clocks
from myelin_gateway.flows.effects import Console, Effect, Http
from myelin_gateway.flows.ladders import Rung, Target


def climb(case: Case, base: int, at: int, duty: Duty) -> Decision:
    """The next rung as if at `base`; where the roster has nobody for it, the one after it too."""
    rung, index = _next_rung(case)
    decision = _run(replace(case, rung=index), rung, at, duty)
    if not decision.effects:
        return Decision(with_step(decision.case, "nobody_on_duty", at, via="clock")).then(
            lambda c: climb(c, base, at, duty)
        )
    return decision.then(lambda c: Decision(_await_next(c, base, at)))


def climb_to_desk(case: Case, base: int, at: int, duty: Duty) -> Decision:
    """Rung after rung up to one that needs no device; the cards of those between wait for the homeserver."""
    decision = climb(case, base, at, duty)
    while not decision.case.ladder.rungs[decision.case.rung - 1].reaches_a_desk:
        decision = decision.then(lambda c: climb(c, base, at, duty))
    return decision


def ask_next(case: Case, base: int, at: int, duty: Duty) -> Decision:
    """Whom to ask now, by the roads that are open."""
    return (climb_to_desk if case.homeserver_is_silent else climb)(case, base, at, duty)


def end_turn(case: Case, number: str, reason: str, at: int, duty: Duty) -> Decision:
    """Nobody waits for this person's device any longer; where nobody else is asked, the next rung is, at once."""
    alarmed = case.alarm_of(number)
    if alarmed is None or alarmed.turn == "over":
        return Decision(case)
    over = replace(alarmed, turn="over", until=None)
    case = replace(case, alarmed=tuple(over if a is alarmed else a for a in case.alarmed))
    case = with_step(case, reason, at, alarmed.person)
    if case.transfer and case.transfer.taker.number == number:
        return lapse(case, "transfer_lapsed", at)
    decision = _told_not_reached(case, alarmed.person, at)
    at_the_end = case.rung >= len(case.ladder.rungs)
    if at_the_end or not _is_needed(case, alarmed.person) or _others_asked(case, alarmed.person):
        return decision
    return decision.then(lambda c: ask_next(c, at, at, duty))


def _told_not_reached(case: Case, person: Person, at: int) -> Decision:
    """The nurse who named them must know that they have not heard."""
    if case.state != "told" or case.nurse is None or not person.is_(case.told):
        return Decision(case)
    return ring(with_step(case, "told_not_reached", at, person), case.nurse, at)


def lapse(case: Case, step: str, at: int, uuid: str = "") -> Decision:
    """A transfer that was not accepted: the giver is told that they still have it."""
    transfer = case.transfer
    if transfer is None:
        return Decision(case)
    case = replace(without_clocks(case, "accept"), transfer=None)
    person = transfer.taker if step == "transfer_declined" else transfer.giver
    return ring(with_step(case, step, at, person, uuid=uuid), transfer.giver, at)


def candidates(case: Case, at: int, duty: Duty) -> tuple[Person, ...]:
    """Everybody on the ladder now: whom a nurse may tell, and who may take over."""
    found: dict[str, Person] = {}
    for rung in case.ladder.rungs:
        for target in rung.targets:
            found |= {person.number: person for person in people_of(case, target, at, duty)}
    found |= {person.number: person for person in people_of(case, Target("orderer"), at, duty)}
    found |= {alarmed.person.number: alarmed.person for alarmed in case.alarmed}
    return tuple(found.values())


def people_of(case: Case, target: Target, at: int, duty: Duty) -> tuple[Person, ...]:
    """Who that is at this moment, without those who may no longer act."""
    return tuple(person for person in _resolved(case, target, at, duty) if person.number not in case.gone)


def _resolved(case: Case, target: Target, at: int, duty: Duty) -> tuple[Person, ...]:
    if target.to == "orderer":
        return case.orderers
    if target.to == "ward_nurses":
        return duty.on_duty(case.ward.nurse_role, at) if case.ward.nurse_role else ()
    if target.to.startswith("person:"):
        person = duty.person(target.to.removeprefix("person:"))
        return (person,) if person else ()
    return duty.on_duty(_role(case, target), at)


def _role(case: Case, target: Target) -> str:
    return target.to.replace("{department}", case.ward.department or case.ward.name)


def _next_rung(case: Case) -> tuple[Rung, int]:
    rungs = case.ladder.rungs
    return rungs[min(case.rung, len(rungs) - 1)], min(case.rung + 1, len(rungs))


def _run(case: Case, rung: Rung, at: int, duty: Duty) -> Decision:
    case = replace(case, candidates=candidates(case, at, duty))
    people = {p.number: p for t in rung.targets if t.channel == "app" for p in _asked(case, t, at, duty)}
    decision = ring_all(case, tuple(people.values()), at)
    for target in rung.targets:
        if target.channel != "app":
            decision = decision.also(_desk_call(case, target, at, duty))
    if rung.after_ms == 0 or not decision.effects:
        return decision
    names = "、".join([person.name for person in people.values()] or ["电话台"])
    return decision.then(lambda c: Decision(with_step(c, "escalated", at, detail=names, via="clock")))


def _asked(case: Case, target: Target, at: int, duty: Duty) -> tuple[Person, ...]:
    """Of the ward's nurses only the one who has it, if one has and is in time: the others need not come."""
    if target.to == "ward_nurses" and case.nurse and "nurse" not in case.late:
        return (case.nurse,)
    return people_of(case, target, at, duty)


def _desk_call(case: Case, target: Target, at: int, duty: Duty) -> Effect:
    people = people_of(case, target, at, duty) if target.to else ()
    if target.channel == "http":
        return Http(case.case_id, _role(case, target), people)
    return Console(case.case_id, "nobody_answered", _role(case, target), people or case.candidates)


def _await_next(case: Case, base: int, at: int) -> Case:
    rungs = case.ladder.rungs
    if case.rung >= len(rungs):
        # After a long stop one repetition is enough: it counts from now.
        return with_clock(case, "rung", at + case.clocks.repeat_ms)
    return with_clock(case, "rung", base + rungs[case.rung].after_ms - rungs[case.rung - 1].after_ms)


def _is_needed(case: Case, person: Person) -> bool:
    if person.profession == "nurse":
        return case.state in BEFORE_RECEIPT
    return case.state in BEFORE_CONFIRMATION


def _others_asked(case: Case, person: Person) -> bool:
    if case.told and case.told.number == person.number:
        return False
    return any(a.turn != "over" and a.person.profession == person.profession for a in case.alarmed)


def missed(case: Case, profession: Profession) -> Case:
    """A clock of that profession's owner was missed."""
    return case if profession in case.late else replace(case, late=(*case.late, profession))
