"""Charsets: what the partner is set to decides, what the message says of itself is an alarm at most.

MSH-18 cannot be asked first: to find it one must split, and to split one must have decoded.
"""

from __future__ import annotations

import re
from enum import StrEnum

UTF_8_BOM = b"\xef\xbb\xbf"


class Charset(StrEnum):
    """What a partner may be set to."""

    GB18030 = "gb18030"
    UTF_8 = "utf-8"
    BIG5 = "big5"
    LATIN_1 = "8859-1"


CODECS = {
    Charset.GB18030: "gb18030",
    Charset.UTF_8: "utf-8",
    # With the characters of Hong Kong's names.
    Charset.BIG5: "big5hkscs",
    Charset.LATIN_1: "iso8859-1",
}

# HL7 table 0211 and what systems write instead of it, without case, spaces, hyphens, slashes.
DECLARED = {
    "UNICODEUTF8": Charset.UTF_8,
    "UNICODE": Charset.UTF_8,
    "UTF8": Charset.UTF_8,
    "GB180302000": Charset.GB18030,
    "GB180302005": Charset.GB18030,
    "GB180302022": Charset.GB18030,
    "GB18030": Charset.GB18030,
    "GBK": Charset.GB18030,
    "GB2312": Charset.GB18030,
    "CP936": Charset.GB18030,
    "BIG5": Charset.BIG5,
    "CP950": Charset.BIG5,
    "88591": Charset.LATIN_1,
    "ISO88591": Charset.LATIN_1,
}
# Every charset here reads it alike.
ASCII = frozenset({"", "ASCII", "USASCII", "ISOIR6"})

# Python reads GB 18030 as of 2000. These have had a place outside the private area since 2005 and 2022, or are the
# hanzi that the standard prints there; they stand in names (FE59 is 龴).
SINCE_2000 = {
    0xE7C7: "\u1e3f",
    **dict(zip(range(0xE78D, 0xE797), "\ufe10\ufe12\ufe11\ufe13\ufe14\ufe15\ufe16\ufe17\ufe18\ufe19", strict=True)),
    0xE81E: "\u9fb4",
    0xE826: "\u9fb5",
    0xE82B: "\u9fb6",
    0xE82C: "\u9fb7",
    0xE832: "\u9fb8",
    0xE843: "\u9fb9",
    0xE854: "\u9fba",
    0xE864: "\u9fbb",
    0xE816: "\U00020087",
    0xE817: "\U00020089",
    0xE818: "\U000200cc",
    0xE831: "\U000215d7",
    0xE83B: "\U0002298f",
    0xE855: "\U000241fe",
}

# A hanzi in UTF-8. GB18030 that happens to be valid UTF-8 consists of two-byte sequences almost always.
HANZI_IN_UTF_8 = re.compile(rb"[\xe3-\xe9][\x80-\xbf]{2}")
PRIVATE_HANZI = re.compile("[\ue78d-\ue796\ue7c7\ue816-\ue864]")


def decode(raw: bytes, charset: Charset) -> str:
    """Return the text, without a byte order mark; U+FFFD stands where bytes mean nothing in this charset."""
    # In GB18030 the mark of UTF-8 would swallow the M of MSH.
    return raw.removeprefix(UTF_8_BOM).decode(CODECS[charset], "replace").removeprefix("\ufeff")


def up_to_date(text: str, charset: Charset) -> str:
    """Return text that was decoded as of 2000 with the characters that have had their own places since."""
    if charset is not Charset.GB18030:
        return text
    return PRIVATE_HANZI.sub(lambda found: SINCE_2000.get(ord(found[0]), found[0]), text)


def encode(text: str, charset: Charset) -> bytes:
    """Return the text in bytes; `?` stands for what the charset does not have."""
    return text.encode(CODECS[charset], "replace")


def declared(name: str) -> Charset | None:
    """Return the charset that a value of MSH-18 names; None for ASCII; KeyError for an unknown one."""
    plain = re.sub(r"[\s/_-]", "", name.upper())
    return None if plain in ASCII else DECLARED[plain]


def looks_like_utf_8(raw: bytes) -> bool:
    """Whether these bytes are text with hanzi in UTF-8, whatever they were meant to be."""
    # In this order: other charsets fail at their first hanzi.
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return HANZI_IN_UTF_8.search(raw) is not None
