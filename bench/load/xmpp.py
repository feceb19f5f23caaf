"""An XMPP client stream over plain TCP, as little of it as a load generator needs.

Stanzas are found by their outer tags with regular expressions: nothing that the bench sends holds a `<` in its text.
"""

from __future__ import annotations

import asyncio
import base64
import re
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

MESSAGE = re.compile(rb"<message [^>]*?type='groupchat'.*?</message>", re.DOTALL)
OTHERS_BEFORE_MESSAGE = 65_536


class Stream(asyncio.Protocol):
    """Bytes of one XML stream: a marker can be awaited, and group chat messages go to a reader once there is one."""

    def __init__(self) -> None:
        self._received = b""
        self._marker: re.Pattern[bytes] | None = None
        self._found: asyncio.Future[bytes] | None = None
        self._transport: asyncio.Transport | None = None
        self.reader: Callable[[bytes], None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._found is not None and not self._found.done():
            self._found.set_exception(ConnectionResetError(self._received[-300:]))

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._found is not None:
            self._look()
        elif self.reader is not None:
            self._read(self.reader)

    def write(self, stanza: bytes) -> None:
        assert self._transport is not None
        self._transport.write(stanza)

    async def expect(self, marker: bytes) -> bytes:
        """Bytes up to and with the marker, a regular expression."""
        self._marker, self._found = re.compile(marker, re.DOTALL), asyncio.get_running_loop().create_future()
        self._look()
        async with asyncio.timeout(30):
            return await self._found

    def _look(self) -> None:
        assert self._marker is not None
        assert self._found is not None
        if (match := self._marker.search(self._received)) is None:
            return
        found, self._found = self._found, None
        taken, self._received = self._received[: match.end()], self._received[match.end() :]
        found.set_result(taken)

    def _read(self, reader: Callable[[bytes], None]) -> None:
        end = 0
        for match in MESSAGE.finditer(self._received):
            reader(match.group())
            end = match.end()
        self._received = self._received[end:]
        if end == 0 and len(self._received) > OTHERS_BEFORE_MESSAGE:
            raise AssertionError("bytes that are no message pile up")

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def sign_up(host: str, port: int, domain: str, name: str) -> Stream:
    """Registers in band, authenticates with SASL PLAIN and binds a resource."""
    _, stream = await asyncio.get_running_loop().create_connection(Stream, host, port)
    opening = (
        "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
        f"xmlns:stream='http://etherx.jabber.org/streams' to='{domain}' version='1.0'>"
    ).encode()
    stream.write(opening)
    await stream.expect(rb"</stream:features>")
    stream.write(
        b"<iq type='set' id='register'><query xmlns='jabber:iq:register'>"
        b"<username>%b</username><password>benchmark</password></query></iq>" % name.encode()
    )
    await stream.expect(rb"<iq [^>]*type='result'[^>]*?(/>|>.*?</iq>)")
    secret = base64.b64encode(f"\0{name}\0benchmark".encode())
    stream.write(b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%b</auth>" % secret)
    await stream.expect(rb"<success[^>]*?(/>|>.*?</success>)")
    stream.write(opening)
    await stream.expect(rb"</stream:features>")
    stream.write(b"<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
    await stream.expect(rb"<iq [^>]*id='bind'.*?</iq>")
    stream.write(b"<presence/>")
    return stream
