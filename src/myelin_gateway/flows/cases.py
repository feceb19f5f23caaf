"""A critical value, from the moment it is known until somebody has acted on it, as one frozen value.

Everything that may be asked later stands here: whom it concerns, who was alarmed, who has taken it, which clocks run,
and who did what when. Nothing here decides anything (that is `critical_value`) or knows a room or a device.
"""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from myelin_gateway.flows.ladders import BUILT_IN, Clocks, Ladder
from myelin_gateway.model import Patient, PatientClass, Place, Result

Profession = Literal["nurse", "physician", "other"]
State = Literal[
    "detected", "notified", "received", "read_back", "told", "confirmed", "acting", "corrected", "closed", "excepted"
]
# `waiting`: no device of theirs has it yet; `over`: no device had it in time, so somebody else is asked.
Turn = Literal["waiting", "reached", "over"]
ClockName = Literal["send", "nurse", "rung", "act", "accept"]
Via = Literal["card", "console", "clock", "system"]

BEFORE_RECEIPT: frozenset[State] = frozenset({"detected", "notified"})
BEFORE_CONFIRMATION: frozenset[State] = BEFORE_RECEIPT | {"received", "read_back", "told"}
ENDED: frozenset[State] = frozenset({"closed", "excepted"})


class Person(msgspec.Struct, frozen=True):
    """Somebody of the directory; `number` is the employee number, the same for ever."""

    number: str
    name: str
    profession: Profession = "other"
    phone: str = ""

    def is_(self, other: Person | None) -> bool:
        """The same person, whatever the directory has changed of them since."""
        return other is not None and self.number == other.number


class Duty(Protocol):
    """Who is on duty, in the gateway's own copy of the roster: asked anew at every step, never kept."""

    def on_duty(self, role: str, at: int) -> tuple[Person, ...]: ...
    def person(self, number: str) -> Person | None: ...


class Ward(msgspec.Struct, frozen=True):
    """A ward as people call it; `nurse_role` is the duty that answers for it, `station` the account on its wall."""

    name: str
    department: str = ""
    nurse_role: str = ""
    station: str = ""


class Desk(msgspec.Struct, frozen=True):
    """What a card says of the laboratory, and how far its clock on the wall is from UTC."""

    phone: str = ""
    report_url: str = ""
    zone_minutes: int = 480


class Step(msgspec.Struct, frozen=True):
    """One thing that happened, in the order in which it was decided. Steps are appended, and never changed."""

    name: str
    at: int
    person: Person | None = None
    detail: str = ""
    uuid: str = ""
    via: Via = "system"


class Alarmed(msgspec.Struct, frozen=True):
    """Somebody who was sent the case; `until` is when a device of theirs must have it."""

    person: Person
    at: int
    turn: Turn = "waiting"
    until: int | None = None


class Deadline(msgspec.Struct, frozen=True):
    """A clock that runs."""

    name: ClockName
    due_at: int


class Transfer(msgspec.Struct, frozen=True):
    """The giver stays responsible, and the clock goes on, until the taker has accepted."""

    giver: Person
    taker: Person


class ProposedException(msgspec.Struct, frozen=True):
    """Somebody would end the case for a reason; another person must agree."""

    person: Person
    reason: str


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One critical value. `opened_at` is the commit of its message; `verified_at` the laboratory's own time of it."""

    case_id: str
    patient: Patient
    result: Result
    opened_at: int
    # The reports that it rests on, the one of the value that counts at the end.
    report_ids: tuple[str, ...] = ()
    order_id: str = ""
    visit_id: str = ""
    verified_at: int | None = None
    patient_class: PatientClass = "other"
    place: Place = Place()
    ward: Ward = Ward("")
    desk: Desk = Desk()
    ladder: Ladder = BUILT_IN
    clocks: Clocks = Clocks()
    # Who ordered it. Whom a nurse may tell, and who may take a transfer: looked up anew with every rung.
    orderers: tuple[Person, ...] = ()
    candidates: tuple[Person, ...] = ()

    state: State = "detected"
    rev: int = 0
    # An action on an older card is refused: its reader saw another value or another patient.
    valid_from_rev: int = 1
    # The next rung of the ladder; at its end the last one is repeated.
    rung: int = 0
    deadlines: tuple[Deadline, ...] = ()
    alarmed: tuple[Alarmed, ...] = ()
    stations: tuple[str, ...] = ()
    nurse: Person | None = None
    told: Person | None = None
    physician: Person | None = None
    transfer: Transfer | None = None
    exception: ProposedException | None = None
    # Whose clock was missed: a colleague of that profession may take over.
    late: tuple[Profession, ...] = ()
    # Numbers of those who may no longer act, whatever a roster still says.
    gone: tuple[str, ...] = ()
    homeserver_is_silent: bool = False
    steps: tuple[Step, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.state not in ENDED

    @property
    def owner(self) -> Person | None:
        """The one who answers for it now: the nurse, until a physician has confirmed."""
        return self.physician or self.nurse

    @property
    def is_delayed(self) -> bool:
        """The laboratory knew it ten minutes before we did."""
        return self.verified_at is not None and self.opened_at - self.verified_at > self.clocks.delayed_ms

    def due(self, name: ClockName) -> int | None:
        return next((deadline.due_at for deadline in self.deadlines if deadline.name == name), None)

    def next_due(self) -> int | None:
        """When something must be decided again; `None` only where the case has ended."""
        turns = [alarmed.until for alarmed in self.alarmed if alarmed.until is not None]
        return min([*turns, *(deadline.due_at for deadline in self.deadlines)], default=None)

    def alarm_of(self, number: str) -> Alarmed | None:
        return next((alarmed for alarmed in self.alarmed if alarmed.person.number == number), None)

    def last(self, name: str) -> Step | None:
        return next((step for step in reversed(self.steps) if step.name == name), None)
