"""The ASGI application: a thin shell that turns messages of the server beneath into requests and back.

Everything that every answer has is here: CORS, errors, limits of size, the check of the token.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from myelin.http.messages import EMPTY, Caller, Request, Response
from myelin.http.routes import Access, Route, Routes
from myelin.matrix.errors import MatrixError, MissingToken, TooLarge, Unknown

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# Servers MUST send these with every response (client-server API, "Web browser clients").
CORS_HEADERS = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, POST, PUT, DELETE, OPTIONS"),
    (b"access-control-allow-headers", b"X-Requested-With, Content-Type, Authorization"),
)

logger = logging.getLogger(__name__)


class Tokens(Protocol):
    """Who an access token belongs to; raises `UnknownToken` for one that is not, or no longer, valid."""

    async def caller(self, token: str) -> Caller: ...


class Limits(Protocol):
    """Raises `LimitExceeded` where somebody asks too often."""

    def check(self, limit: str, request: Request) -> None: ...


class Application:
    """Routes requests to handlers `request -> response`."""

    def __init__(self, routes: Routes, tokens: Tokens, limits: Limits) -> None:
        self._routes = routes
        self._tokens = tokens
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            response = await self._respond(scope, receive)
        except MatrixError as refusal:
            response = refused(refusal)
        except Disconnected:
            return
        except Exception:
            # The route says where; the path might hold an id, a body might hold anything.
            logger.exception("a request failed")
            response = refused(Unknown())
        await send_response(send, response)

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        method: str = scope["method"]
        if method == "OPTIONS":
            return EMPTY
        raw_path: bytes = scope["raw_path"]
        route, values = self._routes.match("GET" if method == "HEAD" else method, raw_path.decode("latin-1"))
        client = scope["client"]
        request = Request(method, values, scope["query_string"], scope["headers"], b"", client[0] if client else "")
        if route.access is not Access.OPEN:
            await self._identify(request, route)
        if route.limit is not None:
            self._limits.check(route.limit, request)
        if route.streams:
            request.stream = lambda: stream_body(receive)
        elif method not in ("GET", "HEAD"):
            request.body = await read_body(receive, route.body_limit_bytes)
        return await route.handler(request)

    async def _identify(self, request: Request, route: Route) -> None:
        token = bearer_token(request)
        if token is not None:
            request.caller = await self._tokens.caller(token)
        elif route.access is Access.TOKEN:
            raise MissingToken


class Disconnected(Exception):
    """The client went away while it was still sending."""


def bearer_token(request: Request) -> str | None:
    """Return the access token of the header, or of the query as older clients send it."""
    header = request.header(b"authorization")
    if header is not None:
        scheme, _, token = header.decode("latin-1").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else None
    if b"access_token=" in request.query_string:
        return request.query.get("access_token") or None
    return None


async def read_body(receive: Receive, limit_bytes: int) -> bytes:
    """Return the whole body; `TooLarge` above the limit."""
    body = b""
    async for part in stream_body(receive):
        body = body + part if body else part
        if len(body) > limit_bytes:
            raise TooLarge(f"a request here may have {limit_bytes} bytes at most")
    return body


async def stream_body(receive: Receive) -> AsyncIterator[bytes]:
    """Yield a body as it arrives."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


def refused(refusal: MatrixError) -> Response:
    """Return the standard error response."""
    headers = [(b"content-type", b"application/json")]
    retry_after_ms = refusal.extra.get("retry_after_ms")
    if isinstance(retry_after_ms, int):
        headers.append((b"retry-after", str(-(-retry_after_ms // 1000)).encode()))
    return Response(refusal.status, refusal.body(), headers)


async def send_response(send: Send, response: Response) -> None:
    headers = [*response.headers, *CORS_HEADERS]
    if response.stream is None:
        headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if response.stream is None:
        await send({"type": "http.response.body", "body": response.body})
        return
    async for part in response.stream:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
