"""The bytes of an answer: its status line and headers, with those that every answer has."""

from __future__ import annotations

from http import HTTPStatus

from myelin.http.messages import JSON_HEADERS, Headers, Response

# Servers MUST send these with every response (client-server API, "Web browser clients").
CORS_HEADERS: Headers = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, POST, PUT, DELETE, OPTIONS"),
    (b"access-control-allow-headers", b"X-Requested-With, Content-Type, Authorization"),
)
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
CLOSE_LINE = b"connection: close\r\n"
LINE_ENDS = b"\r\n\x00"


def head_lines(status: int, headers: Headers) -> bytes:
    """Return the status line, these headers and those that every answer has."""
    reason = HTTPStatus(status).phrase.encode()
    # Some values are made of what somebody sent: none of them ends its line early.
    lines = [b"%b: %b\r\n" % (name, value.translate(None, LINE_ENDS)) for name, value in (*headers, *CORS_HEADERS)]
    return b"HTTP/1.1 %d %b\r\n%b" % (status, reason, b"".join(lines))


# What most answers begin with.
JSON_HEADS = {status.value: head_lines(status.value, JSON_HEADERS) for status in HTTPStatus if status >= 200}


def answer_bytes(response: Response, date_line: bytes, keeps_alive: bool, with_body: bool) -> bytes:
    """Return an answer whose body is there; without it where only the head is asked for."""
    is_json = response.headers is JSON_HEADERS
    head = JSON_HEADS[response.status] if is_json else head_lines(response.status, response.headers)
    close = b"" if keeps_alive else CLOSE_LINE
    length = b"content-length: %d\r\n\r\n" % len(response.body)
    return b"".join((head, date_line, close, length, response.body if with_body else b""))


def stream_head(response: Response, date_line: bytes, keeps_alive: bool) -> bytes:
    """Return the head of an answer whose body follows; its length is among its headers."""
    head = head_lines(response.status, response.headers)
    return b"".join((head, date_line, b"" if keeps_alive else CLOSE_LINE, b"\r\n"))
