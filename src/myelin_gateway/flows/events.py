"""What may happen to a critical value."""

from __future__ import annotations

import msgspec

from myelin_gateway.flows.cases import Person, Ward
from myelin_gateway.model import Patient, Place, Result


class Pressed(msgspec.Struct, frozen=True, tag="pressed"):
    """Somebody pressed a button of a card, on a device that is theirs; `rev` is that of the card on their screen."""

    number: str
    action: str
    rev: int
    uuid: str
    input: str | None = None


class Due(msgspec.Struct, frozen=True, tag="due"):
    """A deadline has come: everything that is due by now is decided, in its order."""


class Sent(msgspec.Struct, frozen=True, tag="sent"):
    """The homeserver has somebody's card."""

    number: str


class Delivered(msgspec.Struct, frozen=True, tag="delivered"):
    """A device of somebody has the card."""

    number: str


class NoDevice(msgspec.Struct, frozen=True, tag="no_device"):
    """Somebody has no device that may read the card."""

    number: str


class DeviceAppeared(msgspec.Struct, frozen=True, tag="device"):
    """Somebody who had none has a device that may read the card."""

    number: str


class HomeserverSilent(msgspec.Struct, frozen=True, tag="silent"):
    """The homeserver has not answered for 60 s: people are asked by telephone."""


class HomeserverBack(msgspec.Struct, frozen=True, tag="back"):
    """The homeserver answers again."""


class ResultJoined(msgspec.Struct, frozen=True, tag="joined"):
    """A newer result, as bad as the one before, of the same analyte of the same patient."""

    result: Result
    report_id: str = ""


class ResultCorrected(msgspec.Struct, frozen=True, tag="corrected"):
    """The laboratory takes back what it said: `C` gives another value, `X` and `D` none."""

    result: Result
    report_id: str = ""


class PatientMoved(msgspec.Struct, frozen=True, tag="moved"):
    """The patient lies elsewhere."""

    place: Place
    ward: Ward


class PatientMerged(msgspec.Struct, frozen=True, tag="merged"):
    """The patient's number was a second one; this is who it is."""

    patient: Patient


class PatientUpdated(msgspec.Struct, frozen=True, tag="updated"):
    """The patient is known better: a name, a birth date."""

    patient: Patient


class PatientLeft(msgspec.Struct, frozen=True, tag="left"):
    """The patient was discharged: the case goes on, and whoever has it must know."""


class PatientReturned(msgspec.Struct, frozen=True, tag="returned"):
    """The discharge was a mistake."""


class StaffLeft(msgspec.Struct, frozen=True, tag="staff_left"):
    """Somebody may no longer act."""

    number: str


class Called(msgspec.Struct, frozen=True, tag="called"):
    """The telephone desk rang somebody, who read the value back or did not answer."""

    by: Person
    whom: Person
    answered: bool
    value: str = ""


class ExceptionProposed(msgspec.Struct, frozen=True, tag="exception_proposed"):
    """Somebody would end the case without an answer."""

    by: Person
    reason: str


class ExceptionAgreed(msgspec.Struct, frozen=True, tag="exception_agreed"):
    """A second person agrees."""

    by: Person


Event = (
    Pressed
    | Due
    | Sent
    | Delivered
    | NoDevice
    | DeviceAppeared
    | HomeserverSilent
    | HomeserverBack
    | ResultJoined
    | ResultCorrected
    | PatientMoved
    | PatientMerged
    | PatientUpdated
    | PatientLeft
    | PatientReturned
    | StaffLeft
    | Called
    | ExceptionProposed
    | ExceptionAgreed
)
