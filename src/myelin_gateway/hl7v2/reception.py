"""From the bytes of one frame to what is kept and what is answered: the two steps around the commit of the inbox.

reception = received(raw, partner.charset, partner.answers)
...                                                         # every message of it is committed
return acknowledged(reception, partner.answers, stamp)
"""

from __future__ import annotations

import msgspec

from myelin_gateway.hl7v2.acknowledgements import (
    Acknowledgement,
    Answers,
    Stamp,
    Verdict,
    acknowledge,
    blank_header,
    verdict_of_fault,
    verdict_on,
)
from myelin_gateway.hl7v2.batches import as_batch, split_batch
from myelin_gateway.hl7v2.charsets import Charset
from myelin_gateway.hl7v2.faults import Fault, Finding, Reason
from myelin_gateway.hl7v2.message import Message, Segment
from myelin_gateway.hl7v2.parsing import parse, readable_header


class Received(msgspec.Struct, frozen=True):
    """One message as it came: its own bytes, what could be read, and what a strict partner would be told."""

    raw: bytes
    header: Segment
    message: Message | None
    findings: tuple[Finding, ...]
    verdict: Verdict

    @property
    def control_id(self) -> str:
        return self.header.value(10)

    @property
    def type(self) -> str:
        """Return code and event, as in `ORU^R01`; empty where there is no header."""
        return "^".join(part for part in (self.header.value(9), self.header.value(9, 2)) if part)

    @property
    def is_answer(self) -> bool:
        return self.message is not None and bool(self.message.segment("MSA"))


class Reception(msgspec.Struct, frozen=True):
    """What one frame held. A batch that is not whole lost messages before it reached us: an alarm."""

    messages: tuple[Received, ...]
    is_batch: bool = False
    is_whole: bool = True


def received(raw: bytes, charset: Charset, answers: Answers) -> Reception:
    """Return every message of a frame; raises nothing, whatever the bytes are."""
    try:
        batch = split_batch(raw)
    except Fault as fault:
        return Reception((unreadable(raw, charset, fault),))
    messages = tuple(received_message(each, charset, answers) for each in batch.messages)
    return Reception(messages, batch.is_batch, batch.is_whole)


def received_message(raw: bytes, charset: Charset, answers: Answers) -> Received:
    try:
        message = parse(raw, charset)
    except Fault as fault:
        return unreadable(raw, charset, fault)
    return Received(raw, message.header, message, message.findings, verdict_on(message, answers))


def unreadable(raw: bytes, charset: Charset, fault: Fault) -> Received:
    header = fault.header or blank_header(charset)
    return Received(raw, header, None, (Finding(fault.reason),), verdict_of_fault(fault))


def acknowledged(reception: Reception, answers: Answers, stamp: Stamp) -> Acknowledgement:
    """Return what the sender is told once all of it is kept."""
    each = [
        acknowledge(one.header, one.verdict, numbered(stamp, place), answers.nak, is_answer=one.is_answer)
        for place, one in enumerate(reception.messages)
    ]
    messages = tuple(message for one in each for message in one.messages)
    if reception.is_batch and answers.as_batch and messages:
        return Acknowledgement((as_batch(reception.messages[0].header, messages, f"{stamp.control_id}B", stamp.at),))
    return Acknowledgement(messages)


def refused(beginning: bytes, charset: Charset, stamp: Stamp) -> Acknowledgement:
    """Return the answer to a message that is too large to be kept: never a yes, whatever the partner's setting."""
    header = readable_header(beginning, charset) or blank_header(charset)
    told = acknowledge(header, verdict_of_fault(Fault(Reason.TOO_LARGE)), stamp, "strict")
    return Acknowledgement(told.messages, closes=True)


def numbered(stamp: Stamp, place: int) -> Stamp:
    return Stamp(f"{stamp.control_id}.{place}", stamp.at) if place else stamp
