"""How a file is handed to a client: harmless in a browser, kept by it for good, whole or in part (RFC 9110)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import quote

from myelin.http.messages import JSON_HEADERS, Headers, Request, Response
from myelin.matrix.errors import MatrixError
from myelin.media.files import Reading

# Servers SHOULD restrict Content-Type to these when serving inline content ("Serving inline content").
INLINE: Mapping[str, frozenset[str]] = {
    "text": frozenset({"css", "plain", "csv"}),
    "application": frozenset({"json", "ld+json"}),
    "image": frozenset({"jpeg", "gif", "png", "apng", "webp", "avif"}),
    "video": frozenset({"mp4", "webm", "ogg", "quicktime"}),
    "audio": frozenset({"mp4", "webm", "aac", "mpeg", "ogg", "wave", "wav", "x-wav", "x-pn-wav", "flac", "x-flac"}),
}
# Whatever a file contains, a browser that shows it runs nothing of it and keeps it for its owner only.
POLICY = (
    b"sandbox; default-src 'none'; script-src 'none'; plugin-types application/pdf; "
    b"style-src 'unsafe-inline'; object-src 'self';"
)
HARMLESS: Headers = (
    (b"content-security-policy", POLICY),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"access-control-expose-headers", b"Accept-Ranges, Content-Disposition, Content-Range, ETag"),
    (b"accept-ranges", b"bytes"),
)
# What a media id stands for never changes; and it is its reader's alone, on a shared computer too.
CACHED = (b"cache-control", b"private, max-age=31536000, immutable")
RANGE = re.compile(rb"bytes ?= ?(\d{0,18})-(\d{0,18})")
# Marks that turn the reading direction: behind one, gpj.exe reads as exe.jpg.
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})


class RangeNotSatisfiable(MatrixError):
    """This file has no such part."""

    status, errcode = 416, "M_INVALID_PARAM"


async def served(request: Request, reading: Reading, tag: str, headers: Headers) -> Response:
    """Return what was asked for of a file: all of it, a part, or that the client has it already."""
    etag = f'"{tag}"'.encode()
    common = (*headers, *HARMLESS, CACHED, (b"etag", etag))
    if has_already(request.header(b"if-none-match"), etag):
        return Response(304, b"", (*common, length_of(reading)), reading)
    whole = reading.size_bytes
    wanted = wanted_range(request, etag, whole)
    if wanted is None:
        return Response(200, b"", (*common, length_of(reading)), reading)
    if wanted.start >= wanted.stop:
        await reading.aclose()
        return not_satisfiable(whole)
    part = reading.part(wanted.start, wanted.stop)
    place = (b"content-range", b"bytes %d-%d/%d" % (wanted.start, wanted.stop - 1, whole))
    return Response(206, b"", (*common, length_of(part), place), part)


def not_satisfiable(whole: int) -> Response:
    headers = (*JSON_HEADERS, (b"content-range", b"bytes */%d" % whole))
    return Response(416, RangeNotSatisfiable().body(), headers)


def has_already(known: bytes | None, etag: bytes) -> bool:
    """Whether the client names this version among those that it has."""
    return known is not None and any(tag.strip().removeprefix(b"W/") in (etag, b"*") for tag in known.split(b","))


def wanted_range(request: Request, etag: bytes, whole: int) -> range | None:
    """Return the bytes that are wanted, none of them (an empty range) where they are not there; None: all."""
    # A server MUST ignore a Range header field received with a request method that is unrecognized or for which
    # range handling is not defined; GET is the only one (RFC 9110, "Range").
    found = RANGE.fullmatch((request.header(b"range") or b"").strip())
    if found is None or request.method != "GET" or request.header(b"if-range") not in (None, etag):
        return None
    first, last = found.groups()
    if first:
        # A range whose end lies before its beginning is no range.
        if last and int(last) < int(first):
            return None
        return range(int(first), min(int(last) + 1, whole) if last else whole)
    if not last:
        return None
    return range(max(0, whole - int(last)), whole)


def length_of(reading: Reading) -> tuple[bytes, bytes]:
    return b"content-length", str(reading.size_bytes).encode()


def disposition(content_type: str, file_name: str | None) -> str:
    """Return the `Content-Disposition` (RFC 6266): shown inline only where that is safe, else saved."""
    kind = "inline" if may_be_shown(content_type) else "attachment"
    if file_name is None:
        return kind
    name = "".join(map(visible, file_name))
    plain = "".join(letter if letter.isascii() else "_" for letter in name)
    quoted = plain.replace("\\", "\\\\").replace('"', '\\"')
    if plain == name:
        return f'{kind}; filename="{quoted}"'
    return f"{kind}; filename=\"{quoted}\"; filename*=utf-8''{quote(name, safe='', errors='replace')}"


def may_be_shown(content_type: str) -> bool:
    """Whether a browser may show this type in place; one with a comma is two types, of which it believes the last."""
    main_type, _, subtype = content_type.partition(";")[0].strip().lower().partition("/")
    return subtype in INLINE.get(main_type, ()) and "," not in content_type


def visible(letter: str) -> str:
    """Return a letter of a file name as it may be shown: none that hides, or that turns the others round."""
    return "_" if letter in TURNING or unicodedata.category(letter) in UNSEEN else letter
