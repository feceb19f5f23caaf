"""HL7 v2 as values: bytes become messages, messages become bytes, and each has its acknowledgement.

Pure: no socket, no clock, no file. The order is what most products get wrong: first decode, by the charset that the
partner is set to, then split; a byte of `東` in GB18030 is a field separator to whoever splits first. Nothing is
guessed: what cannot be read is a `Fault`, what may have been read wrongly a `Finding`, each with a name.
"""

from myelin_gateway.hl7v2.acknowledgements import (
    ACCEPTED,
    Acknowledgement,
    Answer,
    Answers,
    Nak,
    Stamp,
    Verdict,
    read_answer,
)
from myelin_gateway.hl7v2.batches import Batch, split_batch
from myelin_gateway.hl7v2.charsets import Charset, decode
from myelin_gateway.hl7v2.encoding import DEFAULT, Encoding
from myelin_gateway.hl7v2.faults import Fault, Finding, Reason
from myelin_gateway.hl7v2.framing import Frames, FrameTooLarge, framed
from myelin_gateway.hl7v2.message import Field, Message, Segment
from myelin_gateway.hl7v2.parsing import SIZE_LIMIT_BYTES, parse
from myelin_gateway.hl7v2.reception import Received, Reception, acknowledged, received, refused
from myelin_gateway.hl7v2.writing import escape, write, written_segment

__all__ = [
    "ACCEPTED",
    "DEFAULT",
    "SIZE_LIMIT_BYTES",
    "Acknowledgement",
    "Answer",
    "Answers",
    "Batch",
    "Charset",
    "Encoding",
    "Fault",
    "Field",
    "Finding",
    "FrameTooLarge",
    "Frames",
    "Message",
    "Nak",
    "Reason",
    "Received",
    "Reception",
    "Segment",
    "Stamp",
    "Verdict",
    "acknowledged",
    "decode",
    "escape",
    "framed",
    "parse",
    "read_answer",
    "received",
    "refused",
    "split_batch",
    "write",
    "written_segment",
]
