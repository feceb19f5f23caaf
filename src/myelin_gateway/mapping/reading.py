"""From a message to news: by its type, unless something in it is not to be trusted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from myelin_gateway.hl7v2 import Finding, Reason
from myelin_gateway.hl7v2.parsing import FINDINGS_LIMIT
from myelin_gateway.mapping.faults import Fault, FaultReason, Unmappable
from myelin_gateway.mapping.operations import CHANGES, operation_changed
from myelin_gateway.mapping.reports import reports_of
from myelin_gateway.mapping.times import hl7_instant
from myelin_gateway.mapping.visits import EVENTS, merges_of, visit_changed

if TYPE_CHECKING:
    from myelin_gateway.hl7v2 import Message
    from myelin_gateway.mapping.maps import Maps
    from myelin_gateway.model import News

MERGES = frozenset({"A40", "A34"})
# What has a mapping. Everything else is kept all the same.
HANDLED_TYPES = frozenset(
    {"ORU^R01", *(f"ADT^{event}" for event in (*EVENTS, *MERGES)), *(f"SIU^{event}" for event in CHANGES)}
)
# Where a wrong character is a wrong name and no more: numbers and codes stand beside it.
NAMES = re.compile(
    r"PID(\[\d+\])?-[569]|PV1(\[\d+\])?-(7|8|9|17)|OBR(\[\d+\])?-(10|16|28)|ORC(\[\d+\])?-1[0-2]"
    r"|OBX(\[\d+\])?-16|NK1(\[\d+\])?-\d+|SCH-1[26]|AIP(\[\d+\])?-3|MRG(\[\d+\])?-7|EVN-5"
)
CHARACTERS = frozenset({Reason.UNREADABLE_BYTES, Reason.CONTROL_CHARACTER, Reason.PRIVATE_CHARACTER})


def news_of(message: Message, maps: Maps, received_at: int) -> tuple[News, ...] | Fault:
    """Return what a message says, several things if it does: an ORU may hold many reports, an A40 many merges.

    A result beyond the limits of the maps has its critical flag, as if the laboratory had set it.
    A fault quarantines the whole message, so that nobody takes half of it for all. Never raises.
    """
    try:
        check_trustworthy(message.findings)
        return news(message, maps, said_at(message, received_at))
    except Unmappable as unmappable:
        return unmappable.fault


def news(message: Message, maps: Maps, at: int) -> tuple[News, ...]:
    if message.type not in HANDLED_TYPES:
        raise Unmappable(FaultReason.NOT_HANDLED, "MSH-9")
    code, event = message.header.value(9), message.header.value(9, 2)
    if code == "ORU":
        return reports_of(message, maps, at)
    if code == "SIU":
        return (operation_changed(message, maps, at),)
    return merges_of(message, maps, at) if event in MERGES else (visit_changed(message, maps, at),)


def check_trustworthy(findings: tuple[Finding, ...]) -> None:
    """Raise Unmappable for anything doubtful but a character in a name, which is marked: the numbers count then."""
    for finding in findings:
        if finding.reason not in CHARACTERS or not NAMES.fullmatch(finding.place):
            raise Unmappable(FaultReason.DOUBTFUL_TEXT, finding.place)
    # The parser stops counting there, so nobody knows what else is doubtful.
    if len(findings) >= FINDINGS_LIMIT:
        raise Unmappable(FaultReason.DOUBTFUL_TEXT)


def said_at(message: Message, received_at: int) -> int:
    """Return when the sender said so: MSH-7, else EVN-2, else when it came; never later than it came.

    Whatever is older than the last that was said is stale, so one message from the year 2099 would silence all others.
    """
    for text in (message.header.value(7), message.segment("EVN").value(2)):
        if (at := hl7_instant(text)) is not None:
            return min(at, received_at)
    return received_at
