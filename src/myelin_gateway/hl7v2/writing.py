"""From values to bytes: escape, join, encode."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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
    e = encoding.escape
    named = [(encoding.field, "F"), (encoding.component, "S"), (encoding.subcomponent, "T"), (encoding.repetition, "R")]
    meanings = {ord(character): f"{e}{name}{e}" if e else " " for character, name in [*named, (e, "E")] if character}
    meanings[ord("\n")] = f"{e}.br{e}" if e else " "
    controls = (code for code in range(0x20) if code != ord("\n"))
    meanings |= {code: f"{e}X{code:02X}{e}" if e else " " for code in controls}
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(meanings)
