"""GET /ca: the hospital's root certificate, for phones and computers that do not know it yet, and how to install it."""

from __future__ import annotations

import plistlib
import re
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from uuid import NAMESPACE_OID, uuid5

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from myelin.api.discovery.front_page import html_headers
from myelin.http.messages import Headers, Request, Response
from myelin.http.routes import Access, Handler, Route

BYTE_END = re.compile(r"\b([0-9A-F]{2}):(?=[0-9A-F]{2}\b)")


class RootCertificate:
    """Gives the root out. That it is the right one, people see by its fingerprint."""

    def __init__(self, root: x509.Certificate, address: str) -> None:
        page = written(files(__package__).joinpath("root_certificate.html").read_text("utf-8"), root, address)
        der = root.public_bytes(Encoding.DER)
        self._page = Response(200, page.encode(), html_headers(page))
        self._answers = {
            "/ca": self._page,
            "/ca/root.crt": saved(der, "application/x-x509-ca-cert", "hospital-root.crt"),
            "/ca/root.pem": saved(root.public_bytes(Encoding.PEM), "application/x-pem-file", "hospital-root.pem"),
            "/ca/myelin.mobileconfig": saved(profile(der), "application/x-apple-aspen-config", "myelin.mobileconfig"),
        }

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        for path in self._answers:
            yield Route("GET", path, self.get(path), Access.OPEN)

    def front_routes(self) -> Iterator[Route]:
        """Yield the page's place where nothing else is served."""
        yield Route("GET", "/", self.get("/ca"), Access.OPEN)

    def get(self, path: str) -> Handler:
        async def answer(request: Request) -> Response:
            return self._answers[path]

        return answer


def written(page: str, root: x509.Certificate, address: str) -> str:
    """Return the page with what is this hospital's own in it."""
    title = root.subject.rfc4514_string().removeprefix("CN=")
    words = {
        "{title}": title,
        "{address}": address,
        "{sha256}": fingerprint(root, hashes.SHA256()),
        # What Windows calls the thumbprint: not to be relied on, only to be found again.
        "{sha1}": fingerprint(root, hashes.SHA1()),
        "{until}": f"{root.not_valid_after_utc:%Y-%m-%d}",
    }
    for placeholder, word in words.items():
        page = page.replace(placeholder, escape(word))
    # A line may end between two bytes of a fingerprint, so that people compare whole ones.
    return BYTE_END.sub(r"\1:<wbr>", page)


def fingerprint(root: x509.Certificate, algorithm: hashes.HashAlgorithm) -> str:
    """Return a fingerprint as browsers and phones write it."""
    return root.fingerprint(algorithm).hex(":").upper()


def saved(content: bytes, content_type: str, name: str) -> Response:
    headers: Headers = (
        (b"content-type", content_type.encode()),
        (b"content-disposition", f'attachment; filename="{name}"'.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-cache"),
    )
    return Response(200, content, headers)


def profile(der: bytes) -> bytes:
    """Return a configuration profile for Apple's devices that holds the root and nothing else."""
    identity = der.hex()
    certificate = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": "org.myelin.root.certificate",
        "PayloadUUID": str(uuid5(NAMESPACE_OID, f"certificate {identity}")),
        "PayloadDisplayName": "医院根证书 Hospital root certificate",
        "PayloadCertificateFileName": "hospital-root.crt",
        "PayloadContent": der,
    }
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": "org.myelin.root",
            "PayloadUUID": str(uuid5(NAMESPACE_OID, f"profile {identity}")),
            "PayloadDisplayName": "Myelin 医院根证书",
            "PayloadDescription": "让这台设备信任医院的通讯服务器。Lets this device trust the hospital's messenger.",
            "PayloadRemovalDisallowed": False,
            "PayloadContent": [certificate],
        }
    )
