"""Who may speak MLLP to us, and how a connection is known to be theirs: by address or certificate, never by MSH-3."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address
from itertools import combinations
from pathlib import Path

import msgspec

from myelin_gateway.hl7v2 import Answers, Charset

Network = IPv4Network | IPv6Network


class UnsafeListener(ValueError):
    """A listener that would let in somebody whom nobody named."""


class Partner(msgspec.Struct, frozen=True):
    """One system: `certificate_names` are CN or SAN of its certificate, `networks` where it may connect from."""

    name: str
    charset: Charset
    answers: Answers = Answers()
    certificate_names: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    def may_come_from(self, host: str) -> bool:
        """Whether an address is allowed; without an allow list every one is."""
        address = ip_address(host.partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None) or address
        return not self.networks or any(mapped in network for network in self.networks)


class Listener(msgspec.Struct, frozen=True):
    """A port and who may connect to it: several partners with certificates, or one without."""

    host: str
    port: int
    partners: tuple[Partner, ...]
    tls: ssl.SSLContext | None = None
    connections_limit: int = 32

    def check(self) -> None:
        """Raise UnsafeListener where it could not be told who connects."""
        if self.tls is None:
            self._check_plain()
        else:
            self._check_tls(self.tls)

    def _check_plain(self) -> None:
        if len(self.partners) != 1:
            raise UnsafeListener(f"{self.host}:{self.port}: without TLS a port is one partner's")
        if not self.partners[0].networks and not is_loopback(self.host):
            raise UnsafeListener(f"{self.host}:{self.port}: without TLS, list the addresses that may connect")

    def _check_tls(self, tls: ssl.SSLContext) -> None:
        if tls.verify_mode is not ssl.CERT_REQUIRED or tls.minimum_version < ssl.TLSVersion.TLSv1_2:
            raise UnsafeListener(f"{self.host}:{self.port}: TLS must ask for certificates, in version 1.2 or newer")
        nameless = [partner.name for partner in self.partners if not partner.certificate_names]
        if nameless or not self.partners:
            raise UnsafeListener(f"{self.host}:{self.port}: say whose certificate is whose: {', '.join(nameless)}")
        for one, other in combinations(self.partners, 2):
            if one.certificate_names & other.certificate_names:
                raise UnsafeListener(f"{self.host}:{self.port}: {one.name} and {other.name} share a certificate")

    def partner_of(self, host: str, certificate: Mapping[str, object] | None) -> Partner | None:
        """Return who connects from an address with a certificate; None for a stranger."""
        names = certificate_names(certificate or {})
        known = (each for each in self.partners if self.tls is None or each.certificate_names & names)
        return next((each for each in known if each.may_come_from(host)), None)


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def certificate_names(certificate: Mapping[str, object]) -> frozenset[str]:
    """Return the common name and the alternative names of a peer's certificate, as `getpeercert` gives them."""
    subject, alternatives = certificate.get("subject", ()), certificate.get("subjectAltName", ())
    assert isinstance(subject, tuple) and isinstance(alternatives, tuple)
    common = {value for relative in subject for name, value in relative if name == "commonName"}
    return frozenset(common | {value for _kind, value in alternatives})


def server_tls(certificate: Path, key: Path, authorities: Path) -> ssl.SSLContext:
    """Return what a listener needs to show its certificate, and to ask for one that these authorities signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authorities)
    context.load_cert_chain(certificate, key)
    return context


def client_tls(authorities: Path, certificate: Path | None = None, key: Path | None = None) -> ssl.SSLContext:
    """Return what is needed to know a partner's server by its certificate, and to show one of ours."""
    context = ssl.create_default_context(cafile=str(authorities))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate:
        context.load_cert_chain(certificate, key)
    return context
