"""Certificates: the hospital's root, which may sign for the hospital's names only, and a server's.

Pure but for the making of keys; knows no file. Clients refuse more than 397 days (CA/Browser Forum; Apple 398), names
outside `subjectAltName`, and servers without `serverAuth`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from myelin.tls.names import Address, Name

Network = IPv4Network | IPv6Network

ROOT_LIFETIME = timedelta(days=3653)
LIFETIME = timedelta(days=390)
RENEWED_BEFORE = timedelta(days=120)
# A phone whose clock is a little behind.
LENIENCY = timedelta(hours=1)
# Addresses that no one else on the internet has: in these a hospital's own network is.
PRIVATE = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128"))
)
TITLE_LIMIT = 64


class Pair(msgspec.Struct, frozen=True):
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def pem(self) -> bytes:
        """Return both, the key first, as servers read them."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ) + self.certificate.public_bytes(serialization.Encoding.PEM)


def read_pair(pem: bytes) -> Pair:
    """Return what `Pair.pem` wrote; ValueError where it is damaged or does not belong together."""
    key = serialization.load_pem_private_key(pem, None)
    certificate = x509.load_pem_x509_certificate(pem)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise ValueError("another key")
    return Pair(certificate, key)


def new_root(title: str, names: Iterable[Name], now: datetime) -> Pair:
    """Return a new root, which may sign for these names, what is below them, and private addresses."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title[:TITLE_LIMIT])])
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        builder(subject, subject, key.public_key(), now, now + ROOT_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints(permitted_by(names), None), critical=True)
    )
    return Pair(made.sign(key, hashes.SHA256()), key)


def permitted_by(names: Iterable[Name]) -> list[x509.GeneralName]:
    hosts = sorted(name for name in names if isinstance(name, str))
    addresses = {ip_network(name) for name in names if not isinstance(name, str)} - set(PRIVATE)
    outside = sorted(map(str, (each for each in addresses if not any(is_within(each, wide) for wide in PRIVATE))))
    networks = [*PRIVATE, *map(ip_network, outside)]
    return [*map(x509.DNSName, hosts), *map(x509.IPAddress, networks)]


def permits(root: x509.Certificate, name: Name) -> bool:
    """Whether a root may sign for a name."""
    allowed = root.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    if isinstance(name, str):
        hosts = (each.value for each in allowed if isinstance(each, x509.DNSName))
        return any(name == host or name.endswith(f".{host}") for host in hosts)
    networks = (each.value for each in allowed if isinstance(each.value, Network))
    return any(is_within(ip_network(name), network) for network in networks)


def new_certificate(root: Pair, names: Iterable[Name], now: datetime) -> Pair:
    """Return a new certificate of a server under these names."""
    key = ec.generate_private_key(ec.SECP256R1())
    until = min(now + LIFETIME, root.certificate.not_valid_after_utc)
    hosts = sorted(name for name in names if isinstance(name, str))
    addresses = sorted((name for name in names if not isinstance(name, str)), key=lambda each: (each.version, each))
    alternatives = x509.SubjectAlternativeName([*map(x509.DNSName, hosts), *map(x509.IPAddress, addresses)])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Myelin")])
    signer = root.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    made = (
        builder(subject, root.certificate.subject, key.public_key(), now, until)
        .add_extension(alternatives, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(signer), critical=False)
    )
    return Pair(made.sign(root.key, hashes.SHA256()), key)


def builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - LENIENCY)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def serves(certificate: x509.Certificate, root: x509.Certificate, names: frozenset[Name], now: datetime) -> bool:
    """Whether a certificate is this root's, holds for all these names, and for some time yet."""
    try:
        certificate.verify_directly_issued_by(root)
    except Exception:
        return False
    lasts_until = min(now + RENEWED_BEFORE, root.not_valid_after_utc)
    is_current = certificate.not_valid_before_utc <= now and certificate.not_valid_after_utc >= lasts_until
    return is_current and names <= names_in(certificate)


def names_in(certificate: x509.Certificate) -> frozenset[Name]:
    """Return the names and addresses that a certificate holds for."""
    held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = (each for each in held.get_values_for_type(x509.IPAddress) if isinstance(each, Address))
    return frozenset((*held.get_values_for_type(x509.DNSName), *addresses))


def is_within(inner: Network, wide: Network) -> bool:
    """Whether a network lies within another."""
    return inner.version == wide.version and inner.subnet_of(wide)  # type: ignore[arg-type]
