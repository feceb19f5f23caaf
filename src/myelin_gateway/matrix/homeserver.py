"""Requests to the homeserver, and what may go wrong with them:

MatrixFailure
├── Unreachable   nobody can tell whether it was done: ask again, under the same transaction id
└── Refused       it was not done, and will not be for asking again
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import httpx
import msgspec

from myelin.matrix.json import JsonObject

TIMEOUT_S = 30.0
CLIENT = "/_matrix/client/v3"
# What passes by itself, or is the homeserver's own trouble.
PASSING = frozenset({408, 429})


class MatrixFailure(Exception):
    """A request to the homeserver was not answered as hoped."""


class Unreachable(MatrixFailure):
    """The homeserver did not answer, or is in trouble of its own."""


class Refused(MatrixFailure):
    """The homeserver has said no."""

    def __init__(self, status: int, errcode: str, answer: JsonObject) -> None:
        super().__init__(f"{status} {errcode}")
        self.status, self.errcode, self.answer = status, errcode, answer


class Homeserver:
    """One homeserver, and the token by which it knows us."""

    def __init__(self, url: str, ca_file: Path | None = None, proxy: str | None = None) -> None:
        verify: ssl.SSLContext | bool = ssl.create_default_context(cafile=str(ca_file)) if ca_file else True
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/"), verify=verify, proxy=proxy, timeout=TIMEOUT_S, trust_env=False
        )
        self.token = ""

    async def get(self, path: str, query: Mapping[str, str | int] | None = None, wait_s: float = 0) -> JsonObject:
        """Return an answer; it may take `wait_s` longer than usual."""
        return await self._ask("GET", path, params=dict(query or {}), timeout=TIMEOUT_S + wait_s)

    async def post(self, path: str, body: JsonObject) -> JsonObject:
        return await self._ask("POST", path, content=msgspec.json.encode(body))

    async def put(self, path: str, body: JsonObject) -> JsonObject:
        return await self._ask("PUT", path, content=msgspec.json.encode(body))

    async def close(self) -> None:
        await self._http.aclose()

    async def _ask(self, method: str, path: str, **request: object) -> JsonObject:
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {self.token}"} if self.token else {}
        )
        try:
            answer = await self._http.request(method, path, headers=headers, **request)  # type: ignore[arg-type]
            body = msgspec.json.decode(answer.content, type=dict)
        except (httpx.HTTPError, msgspec.DecodeError) as error:
            raise Unreachable(f"{method} {plain(path)}: {type(error).__name__}") from error
        if answer.status_code >= 500 or answer.status_code in PASSING:
            raise Unreachable(f"{method} {plain(path)}: {answer.status_code}")
        if answer.status_code >= 400:
            raise Refused(answer.status_code, str(body.get("errcode", "")), body)
        return body


def plain(path: str) -> str:
    """Return the kind of a request, without whom it is about."""
    return "/".join(path.split("/")[:5])


def segment(text: str) -> str:
    """Return a text as one piece of a path."""
    return quote(text, safe="")
