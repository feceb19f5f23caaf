"""Whether bytes that could not be read, or not be mapped, may be a result that somebody is waiting for."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Types of results, in HL7 as in HL7 written as XML, and in our own JSON.
RESULT = re.compile(rb"\b(?:ORU|OUL)[\^_.|<\"]|\"type\"\s*:\s*\"result\"", re.IGNORECASE)
PARTS_OF_RESULTS = re.compile(rb"\bOB[XR]\b")
# A first line that says it is something else: its OBX are weight and height, its OBR an order.
SOMETHING_ELSE = re.compile(rb"\A[^\r\n]{0,2000}?\b(?:ADT|SIU|MFN|ORM|OML|OMG|RDE|RAS|DFT|ACK)\^[A-Z]\d\d\b")
ACKNOWLEDGEMENT = re.compile(rb"\bMSA.AA\b")
# Charsets in which a flag of a partner's may be written.
CHARSETS = ("utf-8", "gb18030", "big5hkscs")


def looks_like_a_result(raw: bytes, critical_flags: Iterable[str]) -> bool:
    """Whether bytes may be a result, or show a critical flag; rather too often than once too seldom.

    Looks at the bytes, whatever their charset, for their text may be what cannot be read. UTF-16 too.
    """
    plain = ACKNOWLEDGEMENT.sub(b"MSA", raw.replace(b"\x00", b"").removeprefix(b"\xef\xbb\xbf"))
    if RESULT.search(plain) or shows_a_flag(plain, critical_flags):
        return True
    return PARTS_OF_RESULTS.search(plain) is not None and not SOMETHING_ELSE.match(plain)


def shows_a_flag(plain: bytes, critical_flags: Iterable[str]) -> bool:
    """Whether a flag stands there by itself: `|HH|`, `~HH|`, `"HH"`, but not inside a word."""
    spellings = {each for flag in critical_flags for each in encoded(flag)}
    if not spellings:
        return False
    anyone = b"|".join(re.escape(each) for each in sorted(spellings, key=len, reverse=True))
    return re.search(rb"(?<![A-Za-z0-9])(?:" + anyone + rb")(?![A-Za-z0-9])", plain) is not None


def encoded(flag: str) -> set[bytes]:
    """Return a flag in every charset that has all its characters: half of one would be found anywhere."""
    found = set()
    for charset in CHARSETS:
        with suppress(UnicodeEncodeError):
            found.add(flag.encode(charset))
    return found - {b""}
