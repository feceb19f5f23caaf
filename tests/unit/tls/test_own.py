"""The hospital's own certificates: what clients accept, what is never made again, and what is renewed in time."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from myelin.settings import Settings, SettingsError
from myelin.tls import names as names_module
from myelin.tls.certificates import names_in, permits
from myelin.tls.names import Name, found_names
from myelin.tls.own import OwnTls

FOUND: frozenset[Name] = frozenset({"localhost", "im-1", ip_address("127.0.0.1"), ip_address("10.1.2.3")})


class Machine:
    """A machine whose clock and names a test sets."""

    def __init__(self, folder: Path, **wishes: object) -> None:
        chosen = {"server_name": "hospital.test:8448", "public_url": "https://im.hospital.test", **wishes}
        self.settings = replace(Settings(data_dir=folder), **chosen)  # type: ignore[arg-type]
        self.now = datetime.now(UTC)
        self.found = FOUND

    def start(self) -> OwnTls:
        return OwnTls(self.settings, lambda: self.now, lambda: self.found)

    @property
    def folder(self) -> Path:
        return self.settings.data_dir / "tls"

    def certificate(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate((self.folder / "server.pem").read_bytes())


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@contextmanager
def listening(context: ssl.SSLContext) -> Iterator[int]:
    """A port at which each connection is encrypted by this context, and told so."""
    with socket.create_server(("127.0.0.1", 0)) as bound:

        def serve() -> None:
            while True:
                try:
                    peer, _ = bound.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(peer, server_side=True) as encrypted:
                        encrypted.sendall(b"hello")
                except OSError:
                    continue

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield bound.getsockname()[1]
        finally:
            bound.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def seen(port: int, name: str, root: x509.Certificate) -> int:
    """The serial number of the certificate that a client which trusts this root accepts under this name."""
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.verify_flags |= ssl.VERIFY_X509_STRICT
    trusting.load_verify_locations(cadata=root.public_bytes(Encoding.PEM).decode())
    with socket.create_connection(("127.0.0.1", port), 10) as plain:
        with trusting.wrap_socket(plain, server_hostname=name) as encrypted:
            assert encrypted.recv(5) == b"hello"
            der = encrypted.getpeercert(binary_form=True)
            assert der is not None
            return x509.load_der_x509_certificate(der).serial_number


def test_a_client_that_trusts_the_root_accepts_every_name(machine: Machine) -> None:
    own = machine.start()
    with listening(own.context) as port:
        for name in ("hospital.test", "im.hospital.test", "localhost", "im-1", "127.0.0.1", "10.1.2.3"):
            assert seen(port, name, own.root) == machine.certificate().serial_number
        for name in ("other.test", "a.im.hospital.test", "10.1.2.4"):
            with pytest.raises(ssl.SSLCertVerificationError):
                seen(port, name, own.root)


def test_a_client_that_knows_another_root_refuses(machine: Machine, tmp_path: Path) -> None:
    own, other = machine.start(), Machine(tmp_path / "other").start()
    with listening(own.context) as port, pytest.raises(ssl.SSLCertVerificationError):
        seen(port, "hospital.test", other.root)


def test_the_root_signs_for_the_hospital_only(machine: Machine) -> None:
    root = machine.start().root
    limits = root.extensions.get_extension_for_class(x509.NameConstraints)
    basic = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert limits.critical and basic.critical
    assert basic.value.ca and basic.value.path_length == 0
    assert permits(root, "hospital.test") and permits(root, "files.hospital.test")
    assert permits(root, ip_address("192.168.7.7")) and permits(root, ip_address("fd00::7"))
    for name in ("bank.test", "hospital.test.bank.test", "xhospital.test", "test"):
        assert not permits(root, name)
    assert not permits(root, ip_address("8.8.8.8")) and not permits(root, ip_address("2001:db8::1"))
    years = (root.not_valid_after_utc - root.not_valid_before_utc).days / 365.25
    assert 9.9 < years < 10.1


def test_a_public_address_of_the_machine_is_the_only_one(machine: Machine) -> None:
    machine.found = FOUND | {ip_address("203.0.113.9")}
    own = machine.start()
    assert permits(own.root, ip_address("203.0.113.9")) and not permits(own.root, ip_address("203.0.113.10"))
    limits = own.root.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    networks = [each.value for each in limits if isinstance(each, x509.IPAddress)]
    assert ip_network("203.0.113.9/32") in networks and ip_network("10.1.2.3/32") not in networks


def test_the_certificate_is_one_that_phones_accept(machine: Machine) -> None:
    machine.start()
    made = machine.certificate()
    assert made.not_valid_after_utc - made.not_valid_before_utc <= timedelta(days=397)
    assert made.not_valid_before_utc <= machine.now
    usage = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert names_in(made) == FOUND | {"hospital.test", "im.hospital.test"}


def test_only_the_server_reads_the_keys(machine: Machine) -> None:
    machine.start()
    (machine.folder / "root.pem").chmod(0o644)
    machine.start()
    assert machine.folder.stat().st_mode & 0o777 == 0o700
    for path in machine.folder.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path


def test_nothing_is_made_twice(machine: Machine) -> None:
    machine.start()
    before = {path.name: path.read_bytes() for path in machine.folder.iterdir()}
    machine.start()
    assert {path.name: path.read_bytes() for path in machine.folder.iterdir()} == before


def test_many_processes_make_one_root(machine: Machine) -> None:
    roots: list[x509.Certificate] = []
    starts = [threading.Thread(target=lambda: roots.append(machine.start().root)) for _ in range(8)]
    for each in starts:
        each.start()
    for each in starts:
        each.join()
    assert len(roots) == 8
    assert len({root.serial_number for root in roots}) == 1


async def test_it_is_renewed_before_it_expires_while_the_server_runs(machine: Machine) -> None:
    own = machine.start()
    first = machine.certificate()
    machine.now += timedelta(days=200)
    assert not await own.renew()
    machine.now += timedelta(days=80)
    assert await own.renew()
    second = machine.certificate()
    assert second.not_valid_after_utc > first.not_valid_after_utc
    assert second.issuer == own.root.subject


async def test_new_connections_get_the_new_certificate(machine: Machine) -> None:
    own = machine.start()
    with listening(own.context) as port:
        before = seen(port, "hospital.test", own.root)
        machine.found = FOUND | {ip_address("10.9.9.9")}
        assert await own.renew()
        after = seen(port, "10.9.9.9", own.root)
        assert after != before
        assert seen(port, "hospital.test", own.root) == after


async def test_what_one_process_renews_the_others_take_over(machine: Machine) -> None:
    first, second = machine.start(), machine.start()
    machine.found = FOUND | {"im-2.hospital.test"}
    assert await first.renew()
    assert await second.renew()
    assert not await first.renew()
    with listening(second.context) as port:
        assert seen(port, "im-2.hospital.test", second.root) == machine.certificate().serial_number


async def test_a_name_that_is_gone_or_may_not_be_signed_changes_nothing(machine: Machine) -> None:
    own = machine.start()
    machine.found = (FOUND - {"im-1"}) | {"another-host", ip_address("203.0.113.1")}
    assert not await own.renew()


def test_no_certificate_outlives_its_root(machine: Machine) -> None:
    root = machine.start().root
    machine.now = root.not_valid_after_utc - timedelta(days=30)
    machine.start()
    assert machine.certificate().not_valid_after_utc == root.not_valid_after_utc
    before = machine.certificate()
    machine.start()
    assert machine.certificate() == before
    machine.now += timedelta(days=31)
    with pytest.raises(SettingsError, match="expired"):
        machine.start()


def broken(content: bytes) -> bytes:
    return content[: len(content) // 2]


def emptied(content: bytes) -> bytes:
    return b""


def without_its_key(content: bytes) -> bytes:
    return content[content.index(b"-----BEGIN CERTIFICATE") :]


@pytest.mark.parametrize("damage", [broken, emptied, without_its_key])
def test_a_damaged_root_stops_the_start_and_stays(machine: Machine, damage: Callable[[bytes], bytes]) -> None:
    machine.start()
    path = machine.folder / "root.pem"
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    with pytest.raises(SettingsError, match="damaged: bring it back"):
        machine.start()
    assert path.read_bytes() == damaged


def test_a_key_of_another_root_stops_the_start(machine: Machine, tmp_path: Path) -> None:
    other = Machine(tmp_path / "other")
    machine.start(), other.start()
    path = machine.folder / "root.pem"
    key = (other.folder / "root.pem").read_bytes().partition(b"-----BEGIN CERTIFICATE")[0]
    path.write_bytes(key + without_its_key(path.read_bytes()))
    with pytest.raises(SettingsError, match="damaged"):
        machine.start()


@pytest.mark.parametrize("damage", [broken, emptied, without_its_key])
def test_a_damaged_certificate_is_made_again(machine: Machine, damage: Callable[[bytes], bytes]) -> None:
    own = machine.start()
    path = machine.folder / "server.pem"
    path.write_bytes(damage(path.read_bytes()))
    again = machine.start()
    assert again.root == own.root
    with listening(again.context) as port:
        assert seen(port, "hospital.test", own.root) == machine.certificate().serial_number


def test_a_root_that_cannot_be_read_is_named(machine: Machine) -> None:
    machine.start()
    path = machine.folder / "root.pem"
    path.unlink()
    path.mkdir()
    with pytest.raises(SettingsError, match=r"root\.pem"):
        machine.start()


def test_what_a_crash_has_left_is_no_obstacle(machine: Machine) -> None:
    machine.folder.mkdir(parents=True)
    (machine.folder / "root.new").write_bytes(b"half of")
    machine.start()
    assert not (machine.folder / "root.new").exists()


def test_a_name_outside_the_root_is_refused_in_words(machine: Machine, tmp_path: Path) -> None:
    machine.start()
    moved = Machine(tmp_path, public_url="https://im.clinic.test")
    with pytest.raises(SettingsError, match=r"may not sign for im\.clinic\.test"):
        moved.start()
    below = Machine(tmp_path, tls_names=("files.hospital.test", "10.200.0.1"))
    below.start()
    assert {"files.hospital.test", ip_address("10.200.0.1")} <= names_in(below.certificate())


def test_a_very_long_name_fits(tmp_path: Path) -> None:
    long = ".".join(["department"] * 20) + ".hospital.test"
    own = Machine(tmp_path, server_name=long).start()
    with listening(own.context) as port:
        seen(port, long, own.root)


def test_the_machine_knows_its_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fib").write_text(
        "Local:\n  +-- 10.0.0.0/24 2 0 2\n     |-- 10.0.0.0\n        /24 link UNICAST\n"
        "     |-- 10.0.0.7\n        /32 host LOCAL\n     |-- 10.0.0.255\n        /32 link BROADCAST\n"
    )
    (tmp_path / "if6").write_text(
        "fe800000000000000000000000000001 02 40 20 80 eth0\nfd000000000000000000000000000007 02 40 00 80 eth0\n"
        "fd000000000000000000000000000008 02 40 00 01 eth0\n"
    )
    monkeypatch.setattr(names_module, "IPV4_ADDRESSES", tmp_path / "fib")
    monkeypatch.setattr(names_module, "IPV6_ADDRESSES", tmp_path / "if6")
    addresses = {str(name) for name in found_names() if not isinstance(name, str)}
    assert addresses == {"127.0.0.1", "::1", "10.0.0.7", "fd00::7"}
