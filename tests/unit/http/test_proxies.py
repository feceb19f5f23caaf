"""Whose request it is: what a trusted proxy says counts, what anybody else says does not."""

from ipaddress import ip_network

import pytest

from myelin.http.proxies import Proxies

TRUSTED = Proxies([ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48")])
NONE = Proxies([])


def forwarded(*lines: str) -> dict[bytes, bytes]:
    """The headers of a request with these lines."""
    return {b"x-forwarded-for": ", ".join(lines).encode()} if lines else {}


@pytest.mark.parametrize(
    ("peer", "lines", "client"),
    [
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["203.0.113.7, 10.0.0.2"], "203.0.113.7"),
        ("10.0.0.1", ["203.0.113.7", "10.0.0.2"], "203.0.113.7"),
        # What stands before the first untrusted address, a client has written itself.
        ("10.0.0.1", ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
        ("2001:db8:1::1", ["2001:db8:2::5"], "2001:db8:2::5"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.0.1", ["10.0.0.5"], "10.0.0.5"),
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", ["", ", ,"], "10.0.0.1"),
        ("", ["198.51.100.1"], ""),
    ],
)
def test_the_client_is_who_the_last_trusted_proxy_saw(peer: str, lines: list[str], client: str) -> None:
    assert TRUSTED.client_address(peer, forwarded(*lines)) == client


def test_without_trusted_proxies_nobody_is_believed() -> None:
    assert NONE.client_address("127.0.0.1", forwarded("203.0.113.7")) == "127.0.0.1"


@pytest.mark.parametrize(
    ("proxies", "peer", "headers", "near"),
    [
        (NONE, "127.0.0.1", {}, True),
        (NONE, "::1", {}, True),
        (NONE, "192.0.2.1", {}, False),
        (NONE, "", {}, False),
        # A proxy on this machine that nobody named passes on requests from anywhere.
        (NONE, "127.0.0.1", forwarded("203.0.113.7"), False),
        (NONE, "127.0.0.1", {b"forwarded": b"for=203.0.113.7"}, False),
        (TRUSTED, "10.0.0.1", {}, True),
        (TRUSTED, "10.0.0.1", forwarded("203.0.113.7"), False),
        (TRUSTED, "10.0.0.1", forwarded("10.3.0.4"), True),
        (TRUSTED, "203.0.113.7", forwarded("10.3.0.4"), False),
    ],
)
def test_near_is_who_sits_here(proxies: Proxies, peer: str, headers: dict[bytes, bytes], near: bool) -> None:
    assert proxies.is_near(peer, headers) is near
