"""What is to be done after a decision. Committed with the case; done by others, at least once."""

from __future__ import annotations

from typing import Literal

import msgspec

from myelin_gateway.flows.cards import Message
from myelin_gateway.flows.cases import Person

LaboratoryStep = Literal["NOTIFIED", "RECEIVED", "READBACK", "TOLD", "ACTED", "CLOSED"]


class Ring(msgspec.Struct, frozen=True, tag="ring"):
    """Somebody is to be alarmed; becomes a `SendCard` when the decision is complete, so that its card says the last."""

    number: str


class SendCard(msgspec.Struct, frozen=True, tag="send"):
    """A new message, which rings; `to` is an employee number or a station."""

    to: str
    message: Message


class RefreshCard(msgspec.Struct, frozen=True, tag="refresh"):
    """An edit of the last message to them, which rings nobody."""

    to: str
    message: Message


class Console(msgspec.Struct, frozen=True, tag="console"):
    """The telephone desk must ring somebody about this case now."""

    case_id: str
    reason: str
    to: str = ""
    people: tuple[Person, ...] = ()


class Http(msgspec.Struct, frozen=True, tag="http"):
    """The hospital's SMS or telephone platform must ring somebody; nothing of the patient goes there."""

    case_id: str
    to: str
    people: tuple[Person, ...] = ()


class TellLaboratory(msgspec.Struct, frozen=True, tag="laboratory"):
    """A step of which the laboratory keeps a record."""

    case_id: str
    step: LaboratoryStep
    at: int
    person: Person | None = None
    detail: str = ""


class SetDeadline(msgspec.Struct, frozen=True, tag="deadline"):
    """When the case must be looked at again; never, once it has ended."""

    case_id: str
    due_at: int | None


Effect = Ring | SendCard | RefreshCard | Console | Http | TellLaboratory | SetDeadline
