"""The ASGI application: a thin shell that turns messages of the server beneath into requests and back.

Everything that every answer has is here: CORS, errors, limits, the check of the token, the count of what was asked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import aclosing
from typing import Any, Protocol

import msgspec

from myelin.http.bodies import Disconnected, Receive, read_body, stream_body
from myelin.http.messages import JSON_HEADERS, Caller, Headers, Request, Response, Stream
from myelin.http.proxies import Proxies
from myelin.http.routes import Access, Route, Routes, WrongMethod
from myelin.http.traffic import Traffic
from myelin.log.log import NO_ROOM, OUTCOME_UNKNOWN
from myelin.matrix.errors import InvalidParam, LimitExceeded, MatrixError, MissingToken, ResourceUnavailable, Unknown

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# Servers MUST send these with every response (client-server API, "Web browser clients").
CORS_HEADERS: Headers = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, POST, PUT, DELETE, OPTIONS"),
    (b"access-control-allow-headers", b"X-Requested-With, Content-Type, Authorization"),
)
PREFLIGHT = Response(200, b"{}", (*JSON_HEADERS, (b"access-control-max-age", b"7200")))
# What no route has is counted, and named in the log, under this: its path may hold anything.
NOWHERE = "-"

logger = logging.getLogger(__name__)


class Tokens(Protocol):
    """Who an access token belongs to; raises `UnknownToken` for one that is not, or no longer, valid."""

    async def caller(self, token: str, address: str) -> Caller: ...


class Limits(Protocol):
    """Raises `LimitExceeded` where somebody asks too often."""

    def check(self, limit: str, request: Request) -> None: ...


class Edge(msgspec.Struct, frozen=True):
    """What stands around the routes. `clock_s` never runs backwards."""

    tokens: Tokens
    limits: Limits
    proxies: Proxies
    traffic: Traffic
    clock_s: Callable[[], float]


class Application:
    """Routes requests to handlers `request -> response`."""

    def __init__(self, routes: Routes, edge: Edge) -> None:
        self._routes = routes
        self._tokens = edge.tokens
        self._limits = edge.limits
        self._client_address = edge.proxies.client_address
        self._count = edge.traffic.count
        self._clock_s = edge.clock_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        started = self._clock_s()
        method: str = scope["method"]
        pattern = NOWHERE
        try:
            if method == "OPTIONS":
                response = PREFLIGHT
            else:
                route, values = self._match(method, scope)
                pattern = route.path
                response = await route.handler(await self._request(route, values, scope, receive))
        except MatrixError as refusal:
            response = refused(refusal)
            note_refusal(method, pattern, refusal)
        except Disconnected:
            return
        except (*OUTCOME_UNKNOWN, *NO_ROOM):
            # The database is away, or cannot work: a read found no connection, lost it, or found the disk full.
            away = ResourceUnavailable()
            response = refused(away)
            note_refusal(method, pattern, away)
        except Exception as fault:
            response = refused(Unknown())
            logger.exception("failed method=%s route=%s status=500 error=%s", method, pattern, type(fault).__name__)
        await send_response(method, response, receive, send)
        self._count(method, pattern, response.status, self._clock_s() - started)

    def _match(self, method: str, scope: Scope) -> tuple[Route, tuple[str, ...]]:
        raw_path: bytes = scope["raw_path"]
        found = self._routes.match("GET" if method == "HEAD" else method, raw_path.decode("latin-1"))
        if b"%00" in scope["query_string"]:
            raise InvalidParam("the query holds a zero byte")
        return found

    async def _request(self, route: Route, values: tuple[str, ...], scope: Scope, receive: Receive) -> Request:
        peer, headers = scope["client"][0] if scope["client"] else "", scope["headers"]
        address = self._client_address(peer, headers)
        request = Request(scope["method"], values, scope["query_string"], headers, b"", address, peer)
        if route.access is not Access.OPEN:
            await self._identify(request, route)
        if route.limit is not None:
            self._limits.check(route.limit, request)
        if route.streams:
            request.stream = lambda: stream_body(receive)
        elif request.method not in ("GET", "HEAD"):
            request.body = await read_body(receive, route.body_limit_bytes)
        return request

    async def _identify(self, request: Request, route: Route) -> None:
        token = bearer_token(request)
        if token is not None:
            request.caller = await self._tokens.caller(token, request.client_address)
        elif route.access is Access.TOKEN:
            raise MissingToken


def bearer_token(request: Request) -> str | None:
    """Return the access token of the header, or of the query as older clients send it."""
    header = request.header(b"authorization")
    if header is not None:
        scheme, _, token = header.decode("latin-1").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else None
    if b"access_token=" in request.query_string:
        return request.query.get("access_token") or None
    return None


def refused(refusal: MatrixError) -> Response:
    """Return the standard error response."""
    headers = list(JSON_HEADERS)
    if isinstance(refusal, LimitExceeded):
        headers.append((b"retry-after", str(-(-refusal.retry_after_ms // 1000)).encode()))
    if isinstance(refusal, WrongMethod):
        headers.append((b"allow", ", ".join(refusal.allowed).encode()))
    return Response(refusal.status, refusal.body(), headers)


def note_refusal(method: str, pattern: str, refusal: MatrixError) -> None:
    """Log a refusal: where, not by whom, and not what was sent."""
    level = logging.WARNING if refusal.status >= 500 else logging.DEBUG
    if logger.isEnabledFor(level):
        line = "refused method=%s route=%s status=%d errcode=%s"
        logger.log(level, line, method, pattern, refusal.status, refusal.errcode)


async def send_response(method: str, response: Response, receive: Receive, send: Send) -> None:
    """Send a response, with the headers that every one has."""
    headers = [*response.headers, *CORS_HEADERS]
    if response.stream is None:
        headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if response.stream is None:
        await send({"type": "http.response.body", "body": response.body})
        return
    async with aclosing(response.stream) as stream:
        if method != "HEAD":
            await send_stream(stream, receive, send)
    await send({"type": "http.response.body", "body": b""})


async def send_stream(stream: Stream, receive: Receive, send: Send) -> None:
    """Send part by part, no faster than the client takes them, and no longer than it is there."""
    gone = asyncio.ensure_future(left(receive))
    try:
        async for part in stream:
            if gone.done():
                return
            await send({"type": "http.response.body", "body": part, "more_body": True})
    finally:
        gone.cancel()


async def left(receive: Receive) -> None:
    """Return when the client is gone; what it still sends is of no interest."""
    while (await receive())["type"] != "http.disconnect":
        pass
