"""Files and batches (FHS, BHS, BTS, FTS) as the messages that they hold, and acknowledgements put together to one.

Splits bytes, which is safe for whole segments: no charset here has CR or LF inside a character. So each message keeps
the bytes it came with.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from myelin_gateway.hl7v2.faults import Fault, Reason
from myelin_gateway.hl7v2.writing import write, written_segment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from myelin_gateway.hl7v2.message import Segment

MESSAGES_LIMIT = 10_000
ENVELOPES = (b"BHS", b"FHS", b"BTS", b"FTS")
BOUNDARY = re.compile(rb"(?:\A|(?<=[\r\n]))(?:\xef\xbb\xbf)?(MSH|BHS|FHS|BTS|FTS)(?=[!-/:-@\[-`{-~])")
# BTS-1: "This field contains the count of the individual messages contained within the batch."
COUNT = re.compile(rb"BTS[^A-Za-z0-9\r\n](\d{1,9})")


class Batch(msgspec.Struct, frozen=True):
    """The messages of one frame or file, each with its own bytes, and how many the sender counted."""

    messages: tuple[bytes, ...]
    is_batch: bool = False
    counted: int | None = None

    @property
    def is_whole(self) -> bool:
        return self.counted in (None, len(self.messages))


def split_batch(raw: bytes) -> Batch:
    """Return the messages of a batch; whatever is none is returned as the only one, untouched. Raises Fault."""
    # Nearly every frame: to see that a word is nowhere takes a tenth of finding where it begins a segment.
    if raw.count(b"MSH") < 2 and not any(name in raw for name in ENVELOPES):
        return Batch((raw,))
    boundaries = list(islice(BOUNDARY.finditer(raw), MESSAGES_LIMIT + 5))
    if len(boundaries) > MESSAGES_LIMIT + 4:
        raise Fault(Reason.TOO_MANY_MESSAGES)
    is_single = len(boundaries) < 2 and not (boundaries and boundaries[0][1] != b"MSH")
    if is_single or raw[: boundaries[0].start()].strip():
        return Batch((raw,))
    ends = [*(found.start() for found in boundaries[1:]), len(raw)]
    pieces = [(found[1], raw[found.start() : end]) for found, end in zip(boundaries, ends, strict=True)]
    counts = [int(found[1]) for name, piece in pieces if name == b"BTS" and (found := COUNT.search(piece))]
    messages = tuple(piece for name, piece in pieces if name == b"MSH")
    is_batch = any(name != b"MSH" for name, _piece in pieces)
    return Batch(messages or (raw,), is_batch, sum(counts) if counts else None)


def as_batch(header: Segment, answers: Iterable[bytes], control_id: str, at: str) -> bytes:
    """Return acknowledgements as one batch, for a partner that wants it; `header` is of a message that they answer."""
    encoding, messages = header.encoding, list(answers)
    names = {3: header.field(5), 4: header.field(6), 5: header.field(3), 6: header.field(4)}
    opening = written_segment("BHS", {**names, 7: at, 11: control_id}, encoding)
    closing = written_segment("BTS", {1: str(len(messages))}, encoding)
    return b"".join([write([opening], encoding), *messages, write([closing], encoding)])
