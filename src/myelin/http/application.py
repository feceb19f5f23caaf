"""The application: what stands between the head of a request and its endpoint, and between the endpoint and its answer.

Routes, the check of the token, limits, errors, the count of what was asked. How requests come it does not know.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

import msgspec

from myelin.http.bodies import Body, Disconnected
from myelin.http.messages import JSON_HEADERS, Caller, Head, Request, Response
from myelin.http.proxies import Proxies
from myelin.http.routes import Access, Route, Routes, WrongMethod
from myelin.http.traffic import Traffic
from myelin.log.log import NO_ROOM, OUTCOME_UNKNOWN
from myelin.matrix.errors import InvalidParam, LimitExceeded, MatrixError, MissingToken, ResourceUnavailable, Unknown

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

    async def respond(self, head: Head, body: Body) -> Response:
        """Return the answer to a request; `Disconnected` where the client goes away before it has sent it all."""
        started = self._clock_s()
        method, pattern = head.method, NOWHERE
        try:
            if method == "OPTIONS":
                response = PREFLIGHT
            else:
                route, values = self._match(head)
                pattern = route.path
                response = await route.handler(await self._request(route, values, head, body))
        except MatrixError as refusal:
            response = refused(refusal)
            note_refusal(method, pattern, refusal)
        except Disconnected:
            raise
        except (*OUTCOME_UNKNOWN, *NO_ROOM):
            # The database is away, or cannot work: a read found no connection, lost it, or found the disk full.
            away = ResourceUnavailable()
            response = refused(away)
            note_refusal(method, pattern, away)
        except Exception as fault:
            response = refused(Unknown())
            logger.exception("failed method=%s route=%s status=500 error=%s", method, pattern, type(fault).__name__)
        self._count(method, pattern, response.status, self._clock_s() - started)
        return response

    def _match(self, head: Head) -> tuple[Route, tuple[str, ...]]:
        found = self._routes.match("GET" if head.method == "HEAD" else head.method, head.path)
        if b"%00" in head.query_string:
            raise InvalidParam("the query holds a zero byte")
        return found

    async def _request(self, route: Route, values: tuple[str, ...], head: Head, body: Body) -> Request:
        method, headers, peer = head.method, head.headers, head.peer_address
        request = Request(method, values, head.query_string, headers, b"", self._client_address(peer, headers), peer)
        if route.access is not Access.OPEN:
            await self._identify(request, route)
        if route.limit is not None:
            self._limits.check(route.limit, request)
        if route.streams:
            request.stream = body.stream
        elif method != "GET" and method != "HEAD":
            request.body = await body.read(route.body_limit_bytes)
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
