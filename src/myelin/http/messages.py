"""Requests and responses as handlers see them: plain values, so that the server beneath can be exchanged."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Protocol, TypeVar
from urllib.parse import parse_qsl

import msgspec
import orjson

from myelin.http.bodies import check_json
from myelin.matrix.errors import BadJson, MissingParam, NotJson
from myelin.matrix.json import JsonObject

Parsed = TypeVar("Parsed")
Headers = Sequence[tuple[bytes, bytes]]
# By lower-case name; what came in several lines is joined by commas (RFC 9110, "Field Lines and Combined Field Value").
RequestHeaders = Mapping[bytes, bytes]
# Nothing that people asked for stays behind in the cache of a shared computer.
JSON_HEADERS: Headers = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))


class Caller(msgspec.Struct, frozen=True, gc=False):
    """Who makes a request: the owner of the access token, and its device. No rate limit holds a service account."""

    user_id: str
    device_id: str
    is_service: bool = False


class Head(msgspec.Struct, frozen=True):
    """What comes before a body; `path` as it was sent, `peer_address` whom the connection is with."""

    method: str
    path: str
    query_string: bytes
    headers: RequestHeaders
    peer_address: str


class Request(msgspec.Struct):
    """One request. `path` holds the values of the route's placeholders, in their order and unquoted.

    `client_address` is whose request it is; `peer_address` who handed it in, which may be a proxy.
    """

    method: str
    path: tuple[str, ...]
    query_string: bytes
    headers: RequestHeaders
    body: bytes
    client_address: str
    peer_address: str = ""
    caller: Caller | None = None
    stream: Callable[[], AsyncIterator[bytes]] | None = None

    @property
    def query(self) -> Mapping[str, str]:
        """The query's parameters; of a repeated one the last."""
        text = self.query_string.decode("utf-8", "replace")
        if "%" in text or "+" in text:
            return dict(parse_qsl(text, keep_blank_values=True))
        # Most queries hold nothing that is quoted, and a long poll is asked for with every message.
        return {name: value for name, _, value in (pair.partition("=") for pair in text.split("&")) if name}

    @property
    def query_items(self) -> Sequence[tuple[str, str]]:
        """The query's parameters, repeated ones too."""
        return parse_qsl(self.query_string.decode("utf-8", "replace"), keep_blank_values=True)

    def header(self, name: bytes) -> bytes | None:
        """Return a header by its lower-case name."""
        return self.headers.get(name)

    @property
    def signed_in(self) -> Caller:
        """The caller of a route that needs one."""
        assert self.caller is not None
        return self.caller

    def json_object(self) -> JsonObject:
        """Return the body as a JSON object; an empty body counts as `{}`."""
        if not self.body:
            return {}
        check_json(self.body)
        try:
            value = orjson.loads(self.body)
        except (orjson.JSONDecodeError, RecursionError):
            raise NotJson from None
        if not isinstance(value, dict):
            raise BadJson("the body must be a JSON object")
        return value

    def parse(self, decoder: msgspec.json.Decoder[Parsed]) -> Parsed:
        """Return the body as a typed value; `NotJson` or `BadJson` with the path of what is wrong."""
        check_json(self.body)
        try:
            return decoder.decode(self.body or b"{}")
        except msgspec.ValidationError as error:
            raise bad_json(error) from None
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            raise NotJson from None


def bad_json(error: msgspec.ValidationError) -> BadJson | MissingParam:
    """Return the refusal of a body that is JSON but not what the endpoint expects; its text names fields only."""
    text = str(error)
    if "missing required field" in text:
        return MissingParam(text)
    return BadJson(text)


class Stream(Protocol):
    """Bytes that are made while they are sent; `aclose` lets go of where they come from."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    async def __anext__(self) -> bytes: ...
    async def aclose(self) -> None: ...


class Response(msgspec.Struct, frozen=True):
    """One response; `stream`, closed in the end, takes the place of `body` for large ones."""

    status: int
    body: bytes
    headers: Headers = JSON_HEADERS
    stream: Stream | None = None


EMPTY = Response(200, b"{}")


def ok(fields: object) -> Response:
    """Return 200 with a JSON body."""
    return Response(200, orjson.dumps(fields))
