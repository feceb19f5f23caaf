"""What a sender is told, and whether it is told anything (HL7 v2, chapter 2, "Message Processing Rules").

A positive answer means: these bytes are kept, whatever happens next. So an acknowledgement is made before anything is
mapped, and what is wrong inside a message is the integration team's business, not a reason to make an analyser stop.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from myelin_gateway.hl7v2.charsets import Charset
from myelin_gateway.hl7v2.encoding import Encoding
from myelin_gateway.hl7v2.faults import SENTENCES, Fault, Reason
from myelin_gateway.hl7v2.message import Message, Segment
from myelin_gateway.hl7v2.writing import Value, write, written_segment

Kind = Literal["accept", "error", "reject"]
# Many systems stop their whole queue at the first AE: `accept_and_quarantine` tells them yes, and us the trouble.
Nak = Literal["strict", "accept_and_quarantine"]


class Verdict(msgspec.Struct, frozen=True):
    """What we think of a message: `error` is of HL7 table 0357, `place` as ERR-2 has it (`("PID", "1", "5")`)."""

    kind: Kind = "accept"
    error: int = 0
    text: str = ""
    place: tuple[str, ...] = ()


class Stamp(msgspec.Struct, frozen=True):
    """MSH-10 and MSH-7 of what we write: an identifier that nothing else of ours has, and the time as HL7 writes it."""

    control_id: str
    at: str


class Answers(msgspec.Struct, frozen=True):
    """How a partner wants to be answered, and what it may send."""

    nak: Nak = "accept_and_quarantine"
    types: frozenset[str] = frozenset()
    # MSH-11: a training system on the wrong port must not alarm anybody.
    processing_ids: frozenset[str] = frozenset({"P"})
    # One frame for the acknowledgements of a batch, instead of one for each.
    as_batch: bool = False


class Acknowledgement(msgspec.Struct, frozen=True):
    """The messages to send back, in this order; often one, sometimes none."""

    messages: tuple[bytes, ...] = ()
    # Where nothing sensible can follow on this connection.
    closes: bool = False


ACCEPTED = Verdict()

# HL7 table 0357.
NAMES = {
    100: "Segment sequence error",
    101: "Required field missing",
    102: "Data type error",
    103: "Table value not found",
    200: "Unsupported message type",
    201: "Unsupported event code",
    202: "Unsupported processing id",
    203: "Unsupported version id",
    204: "Unknown key identifier",
    207: "Application internal error",
}
ERRORS = {
    Reason.EMPTY: 100,
    Reason.NO_HEADER: 100,
    Reason.SECOND_HEADER: 100,
    Reason.BAD_SEGMENT: 100,
    Reason.CHARSET_UNKNOWN: 103,
    Reason.TOO_LARGE: 207,
    Reason.TOO_MANY_SEGMENTS: 207,
    Reason.TOO_MANY_FIELDS: 207,
    Reason.TOO_MANY_MESSAGES: 207,
}
REQUIRED = (9, 10)
# Table 0008: of a message in original mode, or of its application; and of its mere acceptance.
APPLICATION: dict[Kind, str] = {"accept": "AA", "error": "AE", "reject": "AR"}
ACCEPT: dict[Kind, str] = {"accept": "CA", "error": "CE", "reject": "CR"}
# Table 0155. An unknown condition is answered: silence would make the sender wait.
CONDITIONS = {
    "AL": frozenset(APPLICATION),
    "NE": frozenset[str](),
    "": frozenset[str](),
    "ER": frozenset({"error", "reject"}),
    "SU": frozenset({"accept"}),
}
# Before these, ERR had one field, and MSH-9 had no third component.
ERR_IN_PARTS = "2.5"


def verdict_on(message: Message, answers: Answers) -> Verdict:
    """Return what a strict partner is told of a message that could be read."""
    header = message.header
    for number in REQUIRED:
        if not header.value(number):
            return said("error", 101, f"MSH-{number}", ("MSH", "1", str(number)))
    # An empty MSH-11 is no reason: old systems leave it out.
    if header.value(11) and header.value(11) not in answers.processing_ids:
        return said("reject", 202, "MSH-11", ("MSH", "1", "11"))
    if header.value(12) and not header.value(12).startswith("2."):
        return said("reject", 203, "MSH-12", ("MSH", "1", "12"))
    if message.type not in answers.types:
        known = any(each.partition("^")[0] == header.value(9) for each in answers.types)
        return said("reject", 201 if known else 200, "MSH-9", ("MSH", "1", "9"))
    if message.findings:
        finding = message.findings[0]
        return verdict_of(finding.reason, f"{finding.place}: {finding.sentence}" if finding.place else finding.sentence)
    return ACCEPTED


def verdict_of_fault(fault: Fault) -> Verdict:
    return verdict_of(fault.reason, SENTENCES[fault.reason])


def verdict_of(reason: Reason, text: str) -> Verdict:
    return said("error", ERRORS.get(reason, 102), text)


def said(kind: Kind, error: int, text: str, place: tuple[str, ...] = ()) -> Verdict:
    """Return a verdict whose text begins with the name of its code: old senders read MSA-3 and nothing else."""
    return Verdict(kind, error, f"{NAMES[error]}: {text}", place)


def acknowledge(
    header: Segment, verdict: Verdict, stamp: Stamp, nak: Nak = "accept_and_quarantine", *, is_answer: bool = False
) -> Acknowledgement:
    """Return what the sender of a message wants to hear; `is_answer` says that the message holds an MSA."""
    told = verdict if nak == "strict" else ACCEPTED
    accept, application = header.value(15), header.value(16)
    # An acknowledgement of an acknowledgement would be acknowledged.
    if header.value(9) in {"ACK", "MCF"} or (is_answer and not accept):
        return Acknowledgement()
    # "If MSH-15-accept acknowledgment type and MSH-16-application acknowledgment type are omitted (or are both null),
    # the original acknowledgment mode rules are used."
    if not accept and not application:
        return Acknowledgement((answer(header, APPLICATION[told.kind], told, stamp),))
    codes = [
        *([ACCEPT[told.kind]] if wants(accept, told.kind) else []),
        *([APPLICATION[told.kind]] if wants(application, told.kind) and not is_answer else []),
    ]
    stamps = [stamp, Stamp(f"{stamp.control_id}A", stamp.at)]
    return Acknowledgement(tuple(answer(header, code, told, each) for code, each in zip(codes, stamps, strict=False)))


def wants(condition: str, kind: Kind) -> bool:
    return kind in CONDITIONS.get(condition, frozenset(APPLICATION))


def answer(header: Segment, code: str, verdict: Verdict, stamp: Stamp) -> bytes:
    """Return one acknowledgement, written as the message that it answers."""
    encoding = header.encoding
    parts = [written_segment("MSH", answering_header(header, code, stamp), encoding)]
    parts.append(written_segment("MSA", {1: code, 2: header.field(10), 3: verdict.text}, encoding))
    if verdict.error:
        parts.append(error_segment(verdict, header.value(12), encoding))
    return write(parts, encoding)


def answering_header(header: Segment, code: str, stamp: Stamp) -> dict[int, Value]:
    event, has_structure = header.value(9, 2), bool(header.value(9, 3))
    message_type = ("ACK", event, "ACK") if has_structure else ("ACK", event) if event else ("ACK",)
    fields: dict[int, Value] = {3: header.field(5), 4: header.field(6), 5: header.field(3), 6: header.field(4)}
    fields |= {7: stamp.at, 9: message_type, 10: stamp.control_id, 11: header.field(11), 12: header.field(12)}
    # An answer in enhanced mode is a message of its own, and wants none in return.
    enhanced: dict[int, Value] = {15: "NE", 16: "NE"} if header.value(15) or header.value(16) else {}
    return {**fields, **enhanced, **({18: header.field(18)} if header.field(18) else {})}


def error_segment(verdict: Verdict, version: str, encoding: Encoding) -> str:
    """Return ERR: one field before version 2.5, taken apart since."""
    name = NAMES[verdict.error]
    if version and version < ERR_IN_PARTS:
        place = [*verdict.place, *[""] * (3 - len(verdict.place))]
        code = encoding.subcomponent.join([str(verdict.error), name, "HL70357"]) if encoding.subcomponent else name
        return encoding.field.join(["ERR", encoding.component.join([*place, code])])
    coded = (str(verdict.error), name, "HL70357")
    return written_segment("ERR", {2: verdict.place, 3: coded, 4: "E", 8: verdict.text}, encoding)


class Answer(msgspec.Struct, frozen=True):
    """What a partner answered to a message of ours: MSA-1, MSA-2, and its words."""

    code: str
    control_id: str
    text: str = ""

    @property
    def is_positive(self) -> bool:
        return self.code in {"AA", "CA"}


def read_answer(message: Message) -> Answer | None:
    """Return the answer that a message is; None for one that answers nothing."""
    segment = message.segment("MSA")
    if not segment:
        return None
    text = segment.value(3) or message.segment("ERR").value(8) or message.segment("ERR").value(3, 2)
    return Answer(segment.value(1), segment.value(2), text)


def blank_header(charset: Charset) -> Segment:
    """Return the header to answer by where the message has none that can be read."""
    encoding = Encoding(charset)
    blanks = [""] * 9
    return Segment("MSH", ["MSH", encoding.field, encoding.msh_2, *blanks, "2.5.1"], encoding)
