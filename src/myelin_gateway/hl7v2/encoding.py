"""How one message is written: its charset, and the characters that separate its parts (MSH-1, MSH-2)."""

from __future__ import annotations

import re
from functools import lru_cache
from string import punctuation

import msgspec

from myelin_gateway.hl7v2.charsets import Charset, decode, up_to_date
from myelin_gateway.hl7v2.faults import Fault, Reason

# A line that asks for a million empty lines gets this many.
LINES_LIMIT = 50
FORMATTING = {"br": "\n", "ce": "\n", "sp": "\n", "sk": " "}


class Encoding(msgspec.Struct, frozen=True, gc=False):
    """The separators and the charset of one message; an empty one is never used in it."""

    charset: Charset = Charset.UTF_8
    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    # Since version 2.7 a fifth one says that a value was cut.
    truncation: str = ""

    @property
    def msh_2(self) -> str:
        return "".join([self.component, self.repetition, self.escape, self.subcomponent, self.truncation])

    def unescaped(self, text: str) -> str:
        """Return what a component says; an escape character that begins no known sequence stands for itself."""
        if not self.escape or self.escape not in text:
            return text
        names = {"F": self.field, "S": self.component, "T": self.subcomponent, "R": self.repetition, "E": self.escape}
        names |= {"P": self.truncation, "H": "", "N": ""}

        def meaning(found: re.Match[str]) -> str:
            coded, name, command, count = found.groups()
            if coded:
                raw = bytes.fromhex(coded.replace(self.escape, "").replace("X", ""))
                return up_to_date(decode(raw, self.charset), self.charset)
            if name:
                return names[name]
            return FORMATTING.get(command or "", "") * min(int(count or 1), LINES_LIMIT)

        return escape_sequences(self.escape).sub(meaning, text)


DEFAULT = Encoding()


def encoding_of(first_line: str, charset: Charset) -> Encoding:
    """Return the encoding that the first line of a message (or batch) names; raises Fault."""
    field, encoding_characters = first_line[3:4], first_line[4:].split(first_line[3:4] or "|", 1)[0]
    used = field + encoding_characters
    # MSH-2: "This field contains the four characters in the following order: component separator, repetition
    # separator, escape character, and subcomponent separator." Old systems leave the later ones out.
    whole = 2 <= len(used) <= 6 and len(set(used)) == len(used) and set(used) <= set(punctuation)
    if not whole:
        raise Fault(Reason.BAD_SEPARATORS)
    return Encoding(charset, *used, *[""] * (6 - len(used)))


@lru_cache(maxsize=16)
def escape_sequences(character: str) -> re.Pattern[str]:
    """Return the known sequences: bytes in hexadecimal (neighbours make one hanzi), names, formatting, the rest."""
    e = re.escape(character)
    # Bounded, as the matcher remembers every turn; 1,200 divides by the bytes of every hanzi.
    coded = rf"((?:{e}X(?:[0-9A-Fa-f]{{2}})+{e}){{1,1200}})"
    formatting = r"\.(br|ce|sp|sk|in|ti|fi|nf) *[+-]?(\d{0,4})"
    return re.compile(rf"{coded}|{e}(?:([FSTREPHN])|{formatting}|[CMZ][0-9A-Fa-f]*){e}")
