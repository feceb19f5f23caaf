"""Under which names and addresses this machine may be reached, as a certificate has to say."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from urllib.parse import urlsplit

from myelin.settings import Settings

Address = IPv4Address | IPv6Address
Name = str | Address

HOST = re.compile(r"(?=.{1,253}\Z)[0-9a-z_](?:[0-9a-z_-]{0,61}[0-9a-z])?(?:\.[0-9a-z_](?:[0-9a-z_-]{0,61}[0-9a-z])?)*")
LOCAL = ("localhost", "127.0.0.1", "::1")
# As Linux lists them: an address stands in the line before the one that says it is this machine's.
IPV4_ADDRESSES = Path("/proc/net/fib_trie")
IPV4_ADDRESS = re.compile(r"\|-- (\S+)\s*\n\s*/32 host LOCAL")
IPV6_ADDRESSES = Path("/proc/net/if_inet6")
TEMPORARY = 0x01


def chosen_names(settings: Settings) -> frozenset[Name]:
    """Return the names that the site has chosen: the certificate has to hold for all of them."""
    hosts = [host_of(settings.server_name), urlsplit(settings.public_url).hostname or "", *settings.tls_names]
    return frozenset(parsed(hosts))


def found_names() -> frozenset[Name]:
    """Return the names that the machine itself has, as far as they can be found out without asking the network."""
    return frozenset(parsed([*LOCAL, socket.gethostname(), *ipv4_addresses(), *ipv6_addresses()]))


def host_of(server_name: str) -> str:
    """Return a server name without its port."""
    return urlsplit(f"//{server_name}").hostname or ""


def parsed(names: Iterable[str]) -> Iterator[Name]:
    """Yield what is a name or an address; anything else cannot be in a certificate, nor be any machine's."""
    for name in names:
        try:
            address = ip_address(name)
        except ValueError:
            if HOST.fullmatch(name.lower()):
                yield name.lower()
        else:
            if not address.is_unspecified:
                yield address


def ipv4_addresses() -> Iterable[str]:
    with suppress(OSError):
        return IPV4_ADDRESS.findall(IPV4_ADDRESSES.read_text())
    return ()


def ipv6_addresses() -> Iterator[str]:
    """Yield the lasting ones: neither those of one wire, nor those that change for privacy's sake."""
    with suppress(OSError):
        for line in IPV6_ADDRESSES.read_text().splitlines():
            digits, _, _, _, flags, _ = line.split()
            address = IPv6Address(int(digits, 16))
            if not address.is_link_local and not int(flags, 16) & TEMPORARY:
                yield str(address)
