"""One POST to a place outside: bounded in time and in what is read of the answer; it follows nobody elsewhere."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import msgspec

from myelin.push.addresses import Addresses, NotPublic

if TYPE_CHECKING:
    import httpx

TIMEOUT_S = 10.0
ANSWER_LIMIT_BYTES = 64 * 1024


class Answer(msgspec.Struct, frozen=True):
    """What came back; status 0 where nothing did, or nothing that is an answer. `retry_after_s` as it was asked."""

    status: int
    body: bytes = b""
    retry_after_s: float = 0.0

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_of_everybody(self) -> bool:
        """Whether what went wrong would go wrong with any other push to the same place."""
        return self.status == 0 or self.status in (408, 429) or self.status >= 500


NO_ANSWER = Answer(0)


class Posting:
    """Posts with one client. Connections are kept, so that a push costs one round trip."""

    def __init__(self, client: httpx.AsyncClient, addresses: Addresses) -> None:
        self._client = client
        self._addresses = addresses

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], is_public: bool) -> Answer:
        """Post and return the answer. `is_public`: the place must have a public address, whatever its name says."""
        import httpx

        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self._post(url, body, headers, is_public)
        # A name that no resolver can be asked for is a UnicodeError.
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, TimeoutError, NotPublic, OSError, UnicodeError):
            return NO_ANSWER

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str], is_public: bool) -> Answer:
        extensions: dict[str, str] = {}
        if is_public:
            # The address that was looked at is the one that is asked: a name may mean another a moment later.
            parts = urlsplit(url)
            host = parts.hostname or ""
            address = await self._addresses.public(host)
            url = urlunsplit(parts._replace(netloc=f"[{address}]" if ":" in address else address))
            headers, extensions = {**headers, "host": host}, {"sni_hostname": host}
        async with self._client.stream("POST", url, content=body, headers=headers, extensions=extensions) as response:
            answer = bytearray()
            async for chunk in response.aiter_raw():
                answer += chunk
                if len(answer) > ANSWER_LIMIT_BYTES:
                    return NO_ANSWER
            return Answer(response.status_code, bytes(answer), seconds(response.headers.get("retry-after", "")))


def seconds(text: str) -> float:
    """Return a `Retry-After` in seconds, 0 where it is none or a date."""
    return float(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0.0
