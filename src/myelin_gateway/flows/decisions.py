"""What every decision is made of: a new case and effects, chained; and the small changes that decisions share."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec
from msgspec.structs import replace

from myelin_gateway.flows.cases import Alarmed, Case, ClockName, Deadline, Person, Step, Via
from myelin_gateway.flows.effects import Effect, LaboratoryStep, Ring, TellLaboratory


class Decision(msgspec.Struct, frozen=True):
    """The case as it is now, what is to be done, and why an action did not count."""

    case: Case
    effects: tuple[Effect, ...] = ()
    refusal: str = ""

    def then(self, step: Callable[[Case], Decision]) -> Decision:
        """Go on from here; a refusal stays."""
        after = step(self.case)
        return Decision(after.case, self.effects + after.effects, self.refusal or after.refusal)

    def also(self, *effects: Effect) -> Decision:
        return replace(self, effects=self.effects + effects)


def with_step(
    case: Case,
    name: str,
    at: int,
    person: Person | None = None,
    detail: str = "",
    *,
    uuid: str = "",
    via: Via = "system",
) -> Case:
    return replace(case, steps=(*case.steps, Step(name, at, person, detail, uuid, via)))


def with_clock(case: Case, name: ClockName, due_at: int) -> Case:
    """The case with this clock set anew."""
    return replace(case, deadlines=(*without_clocks(case, name).deadlines, Deadline(name, due_at)))


def without_clocks(case: Case, *names: ClockName) -> Case:
    return replace(case, deadlines=tuple(deadline for deadline in case.deadlines if deadline.name not in names))


def ended(case: Case) -> Case:
    """Nothing runs any more, and nobody is waited for."""
    alarmed = tuple(replace(alarmed, until=None) for alarmed in case.alarmed)
    return replace(case, deadlines=(), alarmed=alarmed, transfer=None, exception=None)


def ring(case: Case, person: Person, at: int) -> Decision:
    """Alarm somebody, again if need be; their turn ends where no device of theirs has the card in time."""
    waits = case.is_open and not case.homeserver_is_silent
    alarm = Alarmed(person, at, "waiting", at + case.clocks.deliver_ms if waits else None)
    others = tuple(alarmed for alarmed in case.alarmed if alarmed.person.number != person.number)
    return Decision(replace(case, alarmed=(*others, alarm)), (Ring(person.number),))


def ring_all(case: Case, people: tuple[Person, ...], at: int) -> Decision:
    decision = Decision(case)
    for person in people:
        decision = decision.then(partial(ring, person=person, at=at))
    return decision


def everybody(case: Case) -> tuple[Person, ...]:
    return tuple(alarmed.person for alarmed in case.alarmed)


def tell_laboratory(case: Case, step: LaboratoryStep, at: int, person: Person | None, detail: str = "") -> Decision:
    return Decision(case, (TellLaboratory(case.case_id, step, at, person, detail),))
