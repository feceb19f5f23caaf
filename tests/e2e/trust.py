"""A hospital's root and the certificate of its server, which the browsers of the stories and their scripts trust."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from myelin.tls.certificates import new_certificate, new_root

HOST = "im.hospital.test"
# So that the name leads to this machine, and no name service is asked.
RESOLVED = f"--host-resolver-rules=MAP {HOST} 127.0.0.1"


class Trust:
    """Files of one root: `wishes` are a server's settings, `home` is where a browser finds what it trusts."""

    def __init__(self, folder: Path) -> None:
        names = (HOST, ip_address("127.0.0.1"))
        root = new_root("Hospital of the stories", names, datetime.now(UTC))
        self.home, self.root, server = folder, folder / "root.crt", folder / "server.pem"
        self.root.write_bytes(root.certificate.public_bytes(Encoding.PEM))
        server.write_bytes(new_certificate(root, names, datetime.now(UTC)).pem())
        self.wishes = {"tls_cert": str(server), "tls_key": str(server)}
        install(self.root, folder)


def install(root: Path, home: Path) -> None:
    """Have this home's browsers trust a root, as `certutil` does it."""
    database = home / ".pki/nssdb"
    database.mkdir(parents=True, exist_ok=True)
    for command in (["-N", "--empty-password"], ["-A", "-n", "hospital", "-t", "C,,", "-i", str(root)]):
        subprocess.run(["certutil", "-d", f"sql:{database}", *command], check=True, timeout=60)
