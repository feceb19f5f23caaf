"""What can be wrong with a message, by name: a fault if it cannot be read, a finding if it may be read wrongly."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from myelin_gateway.hl7v2.message import Segment


class Reason(StrEnum):
    """Why a message is quarantined; the value is what tables, metrics and settings call it."""

    EMPTY = "empty"
    NO_HEADER = "no_header"
    BAD_SEPARATORS = "bad_separators"
    SECOND_HEADER = "second_header"
    TOO_LARGE = "too_large"
    TOO_MANY_SEGMENTS = "too_many_segments"
    TOO_MANY_FIELDS = "too_many_fields"
    TOO_MANY_MESSAGES = "too_many_messages"
    UNREADABLE_BYTES = "unreadable_bytes"
    CONTROL_CHARACTER = "control_character"
    PRIVATE_CHARACTER = "private_character"
    CHARSET_MISMATCH = "charset_mismatch"
    CHARSET_UNKNOWN = "charset_unknown"
    BAD_SEGMENT = "bad_segment"


SENTENCES = {
    Reason.EMPTY: "There is no message between the framing bytes.",
    Reason.NO_HEADER: "The message does not begin with MSH.",
    Reason.BAD_SEPARATORS: "MSH-1 and MSH-2 must name different punctuation characters.",
    Reason.SECOND_HEADER: "A second MSH follows inside one message.",
    Reason.TOO_LARGE: "The message is larger than 32 MiB.",
    Reason.TOO_MANY_SEGMENTS: "The message has too many segments.",
    Reason.TOO_MANY_FIELDS: "A segment has too many fields.",
    Reason.TOO_MANY_MESSAGES: "The batch has more than 10,000 messages.",
    Reason.UNREADABLE_BYTES: "Bytes mean nothing in the charset that was agreed.",
    Reason.CONTROL_CHARACTER: "A control character stands in the text: another charset than agreed, or damage.",
    Reason.PRIVATE_CHARACTER: "A character of the private use area stands in a name or a result.",
    Reason.CHARSET_MISMATCH: "The message is in another charset than agreed.",
    Reason.CHARSET_UNKNOWN: "MSH-18 names a charset that is not known.",
    Reason.BAD_SEGMENT: "A line begins with no segment name.",
}


class Fault(Exception):
    """These bytes are no message that can be read; `header` is MSH as far as it could be."""

    def __init__(self, reason: Reason, header: Segment | None = None) -> None:
        super().__init__(SENTENCES[reason])
        self.reason = reason
        self.header = header


class Finding(msgspec.Struct, frozen=True, gc=False):
    """Something that makes a message doubtful, and where: `PID-5`, `OBX[3]-5`, or empty for the whole of it."""

    reason: Reason
    place: str = ""

    @property
    def sentence(self) -> str:
        return SENTENCES[self.reason]
