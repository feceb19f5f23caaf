"""From bytes to a message: decode, split, look for what is doubtful.

Tolerates what does not change the meaning: a byte order mark, CR, LF or CRLF, a missing last CR, empty lines, any
separators that MSH-1 and MSH-2 name, segments that nobody knows. Everything else has a name (`Reason`).
"""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING

from myelin_gateway.hl7v2.charsets import UTF_8_BOM, Charset, declared, decode, looks_like_utf_8, up_to_date
from myelin_gateway.hl7v2.encoding import Encoding, encoding_of
from myelin_gateway.hl7v2.faults import Fault, Finding, Reason
from myelin_gateway.hl7v2.message import Message, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE_LIMIT_BYTES = 32 * 1024 * 1024
SEGMENTS_LIMIT = 50_000
FIELDS_LIMIT = 1_000
FINDINGS_LIMIT = 20
# Enough of a message that is too large to answer it by.
HEADER_BYTES = 8 * 1024

SEGMENT_NAME = re.compile(r"[A-Z][A-Z0-9]{2}", re.ASCII)
# Spares the usual ones the look at their letters.
USUAL = frozenset({"MSH", "EVN", "PID", "PV1", "ORC", "OBR", "OBX", "NTE", "SCH", "RGS", "AIS", "AIL", "AIP"})
# Tabs are typed; line ends are gone, or were escaped. NUL cannot be stored in PostgreSQL.
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
# Where a wrong character is a wrong patient or a wrong result.
DELICATE = frozenset({("PID", 5), ("OBX", 5)})


def parse(raw: bytes, charset: Charset) -> Message:
    """Return the message that these bytes are in the partner's charset; raises Fault."""
    if len(raw) > SIZE_LIMIT_BYTES:
        raise Fault(Reason.TOO_LARGE, readable_header(raw, charset))
    text = decode(raw, charset)
    lines = lines_of(text)
    encoding = encoding_of(first_line(lines), charset)
    # Printable: neither controls nor private use, and not a few harmless ones, which a closer look lets pass. A clean
    # message, nearly every one, costs no more than this.
    is_clean = "\ufffd" not in text and encoding.escape + "X" not in text and all(map(str.isprintable, lines))
    if not is_clean:
        lines = [up_to_date(line, charset) for line in lines]
    header = header_of(lines[0], encoding)
    if len(lines) > SEGMENTS_LIMIT:
        raise Fault(Reason.TOO_MANY_SEGMENTS, header)
    segments = (header, *(segment_of(line, encoding, header) for line in lines[1:]))
    found = chain(name_findings(raw, segments), () if is_clean else character_findings(segments))
    return Message(segments, encoding, tuple(islice(found, FINDINGS_LIMIT)))


def readable_header(raw: bytes, charset: Charset) -> Segment | None:
    """Return MSH of a message of which no more may be readable; None where not even that is."""
    try:
        lines = lines_of(decode(raw[:HEADER_BYTES], charset))
        return header_of(first_line(lines), encoding_of(lines[0], charset))
    except Fault:
        return None


def lines_of(text: str) -> list[str]:
    """Return the lines that are not empty, whichever way they end."""
    if "\n" in text:
        text = text.replace("\n", "\r")
    return [line for line in text.split("\r", SEGMENTS_LIMIT * 2) if line and not line.isspace()]


def first_line(lines: list[str]) -> str:
    if not lines:
        raise Fault(Reason.EMPTY)
    if not lines[0].startswith("MSH"):
        raise Fault(Reason.NO_HEADER)
    return lines[0]


def header_of(line: str, encoding: Encoding) -> Segment:
    """Return MSH, whose field 1 is the separator itself."""
    name, *fields = line.split(encoding.field, FIELDS_LIMIT)
    if len(fields) >= FIELDS_LIMIT:
        raise Fault(Reason.TOO_MANY_FIELDS)
    return Segment(name, [name, encoding.field, *fields], encoding)


def segment_of(line: str, encoding: Encoding, header: Segment) -> Segment:
    fields = line.split(encoding.field, FIELDS_LIMIT)
    if len(fields) > FIELDS_LIMIT:
        raise Fault(Reason.TOO_MANY_FIELDS, header)
    if fields[0] == "MSH":
        raise Fault(Reason.SECOND_HEADER, header)
    return Segment(fields[0], fields, encoding)


def name_findings(raw: bytes, segments: tuple[Segment, ...]) -> Iterator[Finding]:
    """Yield what names, not characters, make doubtful."""
    yield from charset_findings(raw, segments[0], segments[0].encoding.charset)
    for segment in segments:
        if segment.name not in USUAL and not SEGMENT_NAME.fullmatch(segment.name):
            yield Finding(Reason.BAD_SEGMENT, place_of(segment, segments))


def character_findings(segments: tuple[Segment, ...]) -> Iterator[Finding]:
    for segment in segments:
        for reason, number in doubtful_fields(segment):
            yield Finding(reason, f"{place_of(segment, segments)}-{number}")


def charset_findings(raw: bytes, header: Segment, charset: Charset) -> Iterator[Finding]:
    """Yield where the charset that was agreed, that MSH-18 names, and that the bytes are in, are not one."""
    is_ascii = raw.removeprefix(UTF_8_BOM).isascii()
    for repetition in header.field(18).repetitions:
        try:
            named = declared(repetition.value)
        except KeyError:
            yield Finding(Reason.CHARSET_UNKNOWN, "MSH-18")
            continue
        if named not in (None, charset) and not is_ascii:
            yield Finding(Reason.CHARSET_MISMATCH, "MSH-18")
    # In ASCII the mark says nothing; over hanzi it says that they are UTF-8.
    if charset is not Charset.UTF_8 and not is_ascii and (raw.startswith(UTF_8_BOM) or looks_like_utf_8(raw)):
        yield Finding(Reason.CHARSET_MISMATCH)


def doubtful_fields(segment: Segment) -> Iterator[tuple[Reason, int]]:
    for number, text in enumerate(segment.fields):
        plain = segment.encoding.unescaped(text)
        if "\ufffd" in plain:
            yield Reason.UNREADABLE_BYTES, number
        if CONTROLS.search(plain):
            yield Reason.CONTROL_CHARACTER, number
        if (segment.name, number) in DELICATE and PRIVATE.search(plain):
            yield Reason.PRIVATE_CHARACTER, number


def place_of(segment: Segment, segments: tuple[Segment, ...]) -> str:
    """Return `PID`, or `OBX[3]` where there are several."""
    alike = [each for each in segments if each.name == segment.name]
    if len(alike) == 1:
        return segment.name
    place = next(number for number, each in enumerate(alike, 1) if each is segment)
    return f"{segment.name}[{place}]"
