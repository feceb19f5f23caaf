"""An application asked in the same process: the whole server but for its connections."""

from __future__ import annotations

from contextlib import aclosing

import httpx

from myelin.http.answers import CORS_HEADERS
from myelin.http.application import Application
from myelin.http.bodies import Body
from myelin.http.messages import Head


async def ask(application: Application, head: Head, content: bytes) -> httpx.Response:
    """The answer to a request that came whole."""
    body = Body(lambda: None)
    body.feed(content)
    body.end()
    response = await application.respond(head, body)
    answered = response.body
    if response.stream is not None:
        async with aclosing(response.stream) as stream:
            answered = b"".join([part async for part in stream])
    return httpx.Response(response.status, headers=[*response.headers, *CORS_HEADERS], content=answered)


class InProcess(httpx.AsyncBaseTransport):
    """Hands each request to the application, as a connection would."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path, _, query = request.url.raw_path.partition(b"?")
        headers = {name.lower(): value for name, value in request.headers.raw}
        head = Head(request.method, path.decode("latin-1"), query, headers, "127.0.0.1")
        return await ask(self._application, head, await request.aread())
