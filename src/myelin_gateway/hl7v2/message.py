"""A message as segments, fields, repetitions, components, subcomponents, each counted from 1 as in the standard.

What is absent reads as empty, so that a mapping says what it wants and not what may be missing. Everything stays as
text until it is asked for: splitting a component that nobody reads costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from myelin_gateway.hl7v2.encoding import Encoding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from myelin_gateway.hl7v2.faults import Finding

# "Delete what you know", as different from "I do not say".
NULL = '""'
HEADERS = frozenset({"MSH", "BHS", "FHS"})


class Field(msgspec.Struct, frozen=True, gc=False):
    """One field or one repetition of it; `text` is as it came."""

    text: str
    encoding: Encoding

    @property
    def repetitions(self) -> tuple[Field, ...]:
        """Return the repetitions; none of an empty field."""
        separator = self.encoding.repetition
        texts = self.text.split(separator) if separator else [self.text]
        return tuple(Field(text, self.encoding) for text in texts) if self.text else ()

    def component(self, number: int, subcomponent: int = 1) -> str:
        """Return a component of the first repetition, unescaped."""
        return part(self.text, self.encoding, number, subcomponent)

    @property
    def value(self) -> str:
        """Return the first component of the first repetition, unescaped: all that a simple field has."""
        return part(self.text, self.encoding, 1, 1)

    @property
    def prose(self) -> str:
        """Return all of it as one text: repetitions are lines, whatever looks like a component belongs to the text."""
        lines = self.text.split(self.encoding.repetition) if self.encoding.repetition else [self.text]
        return "\n".join(map(self.encoding.unescaped, lines))

    @property
    def is_null(self) -> bool:
        """Whether the sender says that what was known is to be deleted."""
        return self.text == NULL

    def __bool__(self) -> bool:
        return bool(self.text)


class Segment(msgspec.Struct, frozen=True, gc=False):
    """One segment; `fields[n]` is the text of field n, `fields[0]` the name. An absent segment is false, and empty."""

    name: str
    fields: Sequence[str]
    encoding: Encoding

    def value(self, number: int, component: int = 1, subcomponent: int = 1) -> str:
        """Return a component of the first repetition of a field, unescaped; shorter than `field(n).component(m)`."""
        if number >= len(self.fields):
            return ""
        text = self.fields[number]
        if number <= 2 and self.name in HEADERS:
            return text
        return part(text, self.encoding, component, subcomponent)

    def field(self, number: int) -> Field:
        return Field(self.text(number), self.encoding)

    def text(self, number: int) -> str:
        """Return a field as it came."""
        return self.fields[number] if number < len(self.fields) else ""

    def __bool__(self) -> bool:
        return bool(self.fields)


class Message(msgspec.Struct, frozen=True, gc=False):
    """A message that could be read; whoever finds `findings` in it does not show it to a clinician."""

    segments: tuple[Segment, ...]
    encoding: Encoding
    findings: tuple[Finding, ...] = ()

    @property
    def header(self) -> Segment:
        return self.segments[0]

    @property
    def type(self) -> str:
        """Return code and event, as in `ORU^R01`."""
        code, event = self.header.value(9), self.header.value(9, 2)
        return f"{code}^{event}" if event else code

    @property
    def control_id(self) -> str:
        return self.header.value(10)

    @property
    def version(self) -> str:
        return self.header.value(12)

    def segment(self, name: str) -> Segment:
        """Return the first segment of a name, or one without fields."""
        for segment in self.segments:
            if segment.name == name:
                return segment
        return Segment(name, (), self.encoding)

    def all(self, name: str) -> tuple[Segment, ...]:
        return tuple([segment for segment in self.segments if segment.name == name])

    def groups(self, name: str) -> tuple[tuple[Segment, ...], ...]:
        """Return each segment of a name with what follows it up to the next one: OBR with its NTE and OBX."""
        starts = [place for place, segment in enumerate(self.segments) if segment.name == name]
        ends = [*starts[1:], len(self.segments)]
        return tuple(self.segments[start:end] for start, end in zip(starts, ends, strict=bool(starts)))


def part(text: str, encoding: Encoding, number: int, subcomponent: int) -> str:
    """Return a part of the first repetition of a field, unescaped: split first, unescape after, and once.

    Whoever asks for the first subcomponent of many gets it, as the standard wants of older readers.
    """
    if encoding.repetition in text and encoding.repetition:
        text = text.split(encoding.repetition, 1)[0]
    if encoding.component in text:
        parts = text.split(encoding.component, number)
        text = parts[number - 1] if number <= len(parts) else ""
    elif number > 1:
        return ""
    if encoding.subcomponent in text and encoding.subcomponent:
        parts = text.split(encoding.subcomponent, subcomponent)
        text = parts[subcomponent - 1] if subcomponent <= len(parts) else ""
    elif subcomponent > 1:
        return ""
    if encoding.escape in text:
        text = encoding.unescaped(text)
    return "" if text == NULL else text
