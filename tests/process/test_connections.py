"""What comes over the wire and is no proper request: answered in the standard's words, and never for ever."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import pytest

pytestmark = [pytest.mark.database, pytest.mark.skipif("MYELIN_TEST_URL" in os.environ, reason="knows our limits")]

WHOAMI = b"GET /_matrix/client/v3/account/whoami HTTP/1.1\r\nHost: x\r\n"


@contextmanager
def connected(base_url: str) -> Iterator[socket.socket]:
    parts = urlsplit(base_url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as connection:
        yield connection


def answer_to(base_url: str, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """The status, headers and body of the first answer."""
    with connected(base_url) as connection:
        connection.sendall(request)
        return read_answer(connection)


def read_answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    with connection.makefile("rb") as received:
        status = int(received.readline().split()[1])
        headers: dict[str, str] = {}
        while line := received.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name] = value
        return status, headers, received.read(int(headers["content-length"]))


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"X-Long: aaaaaaaaaaaaaaaa\r\n" * 8_000, 431),
        (b"GET //%zz/%2e%2e HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"GET http://elsewhere/_matrix/nothing HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (WHOAMI + b"Authorization: Bearer \xff\xfe\r\n\r\n", 401),
        (WHOAMI + b"Upgrade: websocket\r\nConnection: upgrade\r\n\r\n", 401),
    ],
)
def test_what_is_no_request_is_answered_properly(myelin_url: str, request_bytes: bytes, status: int) -> None:
    answered, headers, body = answer_to(myelin_url, request_bytes)
    assert answered == status
    assert headers["access-control-allow-origin"] == "*"
    assert headers["content-type"] == "application/json"
    assert {"errcode", "error"} <= json.loads(body).keys()


def test_requests_in_one_piece_are_answered_in_turn(myelin_url: str) -> None:
    with connected(myelin_url) as connection:
        connection.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n" * 3 + WHOAMI + b"\r\n")
        with connection.makefile("rb") as received:
            seen = b""
            while b"M_MISSING_TOKEN" not in seen:
                seen += received.read1()
    assert seen.count(b"Disallow: /") == 3


def test_a_body_that_is_announced_too_large_is_refused_and_the_connection_goes_on(myelin_url: str) -> None:
    too_large = b"[" + b"1," * 1_000_000 + b"1]"
    login = b"POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(too_large)
    with connected(myelin_url) as connection:
        connection.sendall(login + too_large)
        status, _, body = read_answer(connection)
        assert (status, json.loads(body)["errcode"]) == (413, "M_TOO_LARGE")
        connection.sendall(WHOAMI + b"\r\n")
        assert read_answer(connection)[0] == 401


def test_who_hangs_up_in_the_middle_harms_nobody(myelin_url: str) -> None:
    for _ in range(20):
        with connected(myelin_url) as connection:
            connection.sendall(b"POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    assert httpx.get(f"{myelin_url}/_matrix/client/versions").is_success


def test_head_has_the_headers_of_get(myelin_url: str) -> None:
    for encoding in ("identity", "gzip"):
        asked = {"Accept-Encoding": encoding}
        got, head = httpx.get(f"{myelin_url}/", headers=asked), httpx.head(f"{myelin_url}/", headers=asked)
        assert (head.status_code, head.content) == (200, b"")
        # What came over the wire, before httpx has unpacked it.
        assert head.headers["content-length"] == str(got.num_bytes_downloaded)
