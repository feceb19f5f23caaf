"""Which address a request comes from, where proxies that the site trusts stand between.

A forwarding header counts only as far as trusted proxies wrote it: read from its end, the first address that is
none of them is the client's; whatever stands before it, anybody may have invented.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from ipaddress import ip_address

from myelin.settings import Network

Headers = Mapping[bytes, bytes]
FORWARDED = (b"x-forwarded-for", b"forwarded", b"x-real-ip")


class Proxies:
    """The networks whose `X-Forwarded-For` is believed."""

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = tuple(trusted)
        self.trusts = lru_cache(maxsize=4096)(self._trusts)

    def client_address(self, peer: str, headers: Headers) -> str:
        """Return the address of whoever asks; the peer's own unless the peer is a trusted proxy."""
        if not self._trusted or not self.trusts(peer):
            return peer
        line = headers.get(b"x-forwarded-for", b"").decode("latin-1")
        hops = [hop.strip() for hop in line.split(",") if hop.strip()]
        client = peer
        for hop in reversed(hops):
            if not is_address(hop):
                return client
            client = hop
            if not self.trusts(hop):
                break
        return client

    def is_near(self, peer: str, headers: Headers) -> bool:
        """Whether whoever asks sits on this machine or in a trusted network, and not behind a proxy nobody named."""
        if not self.trusts(peer) and any(name in headers for name in FORWARDED):
            return False
        client = self.client_address(peer, headers)
        return self.trusts(client) or (is_address(client) and ip_address(client).is_loopback)

    def _trusts(self, address: str) -> bool:
        if not is_address(address):
            return False
        parsed = ip_address(address)
        return any(parsed in network for network in self._trusted)


def is_address(text: str) -> bool:
    """Whether this is a literal address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
