"""What a head must be before it counts as a request; llhttp has parsed it, strictly."""

from __future__ import annotations

import httptools

from myelin.http.messages import RequestHeaders
from myelin.matrix.errors import MatrixError


class NotHttp(MatrixError):
    """This is not a valid HTTP/1.1 request."""

    status, errcode = 400, "M_UNKNOWN"


class HeadTooLarge(MatrixError):
    """The head of this request is too large."""

    status, errcode = 431, "M_TOO_LARGE"


def check_framing(headers: RequestHeaders, version: str, upgrades: bool) -> None:
    """Refuse what another server might see the end of elsewhere."""
    if version not in ("1.1", "1.0"):
        raise NotHttp("this server speaks HTTP/1.1")
    coding = headers.get(b"transfer-encoding")
    if coding is not None and (coding.strip().lower() != b"chunked" or version == "1.0"):
        raise NotHttp("the one transfer coding that is known here is chunked")
    # llhttp takes for the new protocol what follows such a head.
    if upgrades and (coding is not None or headers.get(b"content-length", b"0") != b"0"):
        raise NotHttp("a request with a body cannot ask for another protocol")


def target_of(url: bytes) -> tuple[str, bytes]:
    """Return the path and the query of a request's target."""
    if url.startswith(b"/"):
        path, _, query_string = url.partition(b"?")
        return path.decode("latin-1"), query_string
    if url == b"*":
        return "*", b""
    try:
        parsed = httptools.parse_url(url)
    except httptools.HttpParserError:
        raise NotHttp from None
    return (parsed.path or b"/").decode("latin-1"), parsed.query or b""
