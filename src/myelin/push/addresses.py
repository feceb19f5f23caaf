"""The public addresses of hosts: a name that leads into the hospital's own network is not pushed to."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address

# Addresses of a host, as the system's resolver knows them.
Resolve = Callable[[str], Awaitable[Sequence[str]]]

KEPT_S = 60.0
HOSTS_LIMIT = 1000


class NotPublic(Exception):
    """The host has no address, or one that is not public."""


class Addresses:
    """Looks up hosts, each at most once a minute."""

    def __init__(self, resolve: Resolve, clock_s: Callable[[], float]) -> None:
        self._resolve = resolve
        self._clock_s = clock_s
        self._known: OrderedDict[str, tuple[float, str]] = OrderedDict()

    async def public(self, host: str) -> str:
        """Return an address of a host; `NotPublic` unless all of its addresses are public."""
        known = self._known.get(host)
        if known is not None and self._clock_s() - known[0] < KEPT_S:
            return known[1]
        addresses = await self._resolve(host)
        if not addresses or not all(map(is_public, addresses)):
            raise NotPublic(host)
        self._known[host] = self._clock_s(), addresses[0]
        if len(self._known) > HOSTS_LIMIT:
            self._known.popitem(last=False)
        return addresses[0]


def is_public(address: str) -> bool:
    """Whether an address is one that everybody may reach."""
    parsed = ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_global and not parsed.is_multicast
