"""`tls = "own"`, as a process of its own: encrypted for whoever has the root, which is given out in clear besides."""

from __future__ import annotations

import asyncio
import os
import plistlib
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from tests.databases import new_database
from tests.servers import START_TIMEOUT_S, free_port, settings, stop

pytestmark = [pytest.mark.database, pytest.mark.skipif("MYELIN_TEST_URL" in os.environ, reason="starts servers")]

HOST = "im.hospital.test"


class Site:
    """A server with its own certificate; `port` is encrypted, `plain_port` gives out the root."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.port, self.plain_port = free_port(), free_port()
        self.environment = settings(
            folder / "data",
            self.port,
            database_url,
            tls="own",
            server_name=HOST,
            public_url=f"https://{HOST}:{self.port}",
            ca_listen=f"127.0.0.1:{self.plain_port}",
        )

    def start(self) -> subprocess.Popen[bytes]:
        with (self.folder / "output").open("ab") as log:
            command = [sys.executable, "-m", "myelin", "serve"]
            return subprocess.Popen(command, env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def await_start(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                if self.plain("/ca").is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        pytest.fail(f"the server did not start; it said:\n{(self.folder / 'output').read_text()[-4000:]}")

    def plain(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.plain_port}{path}", timeout=10)

    def encrypted(self, path: str, root: bytes) -> httpx.Response:
        trusting = ssl.create_default_context(
            cadata=x509.load_der_x509_certificate(root).public_bytes(Encoding.PEM).decode()
        )
        with httpx.Client(verify=trusting, timeout=10) as http:
            return http.get(
                f"https://127.0.0.1:{self.port}{path}",
                headers={"Host": HOST},
                extensions={"sni_hostname": HOST},
            )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("own-tls"), asyncio.run(new_database(postgres_url)))
    process = made.start()
    try:
        made.await_start()
        yield made
    finally:
        stop(process)


def test_whoever_has_the_root_is_served_encrypted(site: Site) -> None:
    root = site.plain("/ca/root.crt")
    assert root.headers["content-type"] == "application/x-x509-ca-cert"
    assert site.encrypted("/_matrix/client/versions", root.content).is_success
    known = site.encrypted("/.well-known/matrix/client", root.content).json()
    assert known["m.homeserver"]["base_url"] == f"https://{HOST}:{site.port}"
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"https://127.0.0.1:{site.port}/ca", timeout=10)


def test_the_page_shows_the_fingerprint_and_leads_to_the_root(site: Site) -> None:
    root = x509.load_der_x509_certificate(site.plain("/ca/root.crt").content)
    page = site.plain("/ca")
    assert root.fingerprint(hashes.SHA256()).hex(":").upper() in page.text.replace("<wbr>", "")
    assert page.text.index("安装医院根证书") < page.text.index("Install the hospital")
    assert f"https://{HOST}:{site.port}" in page.text
    assert "{" not in page.text.partition("</style>")[2]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for link in ("/ca/root.crt", "/ca/myelin.mobileconfig", "/ca/root.pem"):
        assert f'href="{link}"' in page.text
        assert site.plain(link).is_success
    assert site.plain("/").text == page.text
    assert site.encrypted("/ca", root.public_bytes(Encoding.DER)).text == page.text


def test_the_profile_for_apple_holds_the_root_and_no_more(site: Site) -> None:
    answer = site.plain("/ca/myelin.mobileconfig")
    assert answer.headers["content-type"] == "application/x-apple-aspen-config"
    profile = plistlib.loads(answer.content)
    (payload,) = profile["PayloadContent"]
    assert payload["PayloadType"] == "com.apple.security.root"
    assert payload["PayloadContent"] == site.plain("/ca/root.crt").content
    assert site.plain("/ca/myelin.mobileconfig").content == answer.content


def test_in_clear_there_is_nothing_but_the_root(site: Site) -> None:
    for path in (
        "/_matrix/client/versions",
        "/_matrix/client/v3/login",
        "/_myelin/health",
        "/_myelin/metrics",
        "/ca/root.key",
    ):
        assert site.plain(path).status_code == 404
    assert "PRIVATE" not in "".join(site.plain(path).text for path in ("/ca", "/ca/root.pem"))


def test_a_damaged_root_is_said_at_the_start(site: Site, tmp_path: Path, database_url: str) -> None:
    broken = Site(tmp_path, database_url)
    (tmp_path / "data/tls").mkdir(parents=True)
    (tmp_path / "data/tls/root.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    assert broken.start().wait(START_TIMEOUT_S) != 0
    said = (tmp_path / "output").read_text()
    assert "root.pem is damaged" in said and "Traceback" not in said
