"""From values to bytes: escape, join, encode."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from myelin_gateway.hl7v2.charsets import encode
from myelin_gateway.hl7v2.encoding import Encoding
from myelin_gateway.hl7v2.message import HEADERS, Field

# A text, the components of one, or a field that is repeated as it came.
Value = str | tuple[str, ...] | Field


def write(segments: Iterable[str], encoding: Encoding) -> bytes:
    """Return a message of these written segments."""
    return encode("".join(f"{segment}\r" for segment in segments), encoding.charset)


def written_segment(name: str, fields: Mapping[int, Value], encoding: Encoding) -> str:
    """Return a segment with these fields, by number; in a header fields 1 and 2 come by themselves."""
    texts = [written(fields.get(number, ""), encoding) for number in range(1, max(fields, default=0) + 1)]
    while texts and not texts[-1]:
        texts.pop()
    if name in HEADERS:
        texts[:2] = [encoding.msh_2]
    return encoding.field.join([name, *texts])


def written(value: Value, encoding: Encoding) -> str:
    if isinstance(value, Field):
        return value.text
    components = (value,) if isinstance(value, str) else value
    return encoding.component.join(escape(each, encoding) for each in components)


def escape(text: str, encoding: Encoding) -> str:
    """Return a text that reads the same after `Encoding.unescaped`; line ends become `\\.br\\`."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(escapes(encoding))


@lru_cache(maxsize=16)
def escapes(encoding: Encoding) -> dict[int, str]:
    """Return what is written instead of a character; blanks where MSH-2 names no escape character."""
    e = encoding.escape
    named = {encoding.field: "F", encoding.component: "S", encoding.subcomponent: "T", encoding.repetition: "R", e: "E"}
    meanings = {code: f"X{code:02X}" for code in range(0x20)} | {ord("\n"): ".br"}
    meanings |= {ord(character): name for character, name in named.items() if character}
    return {code: f"{e}{meaning}{e}" if e else " " for code, meaning in meanings.items()}
