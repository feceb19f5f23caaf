"""The web client's files: those that the build has made, each at its own path, and nothing else.

Every file is there as it is and, compressed by the build, as brotli and gzip; the large one (encryption) would cost a
phone seconds otherwise. Names under assets/ hold a hash of what is in them, so a browser asks for each only once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import msgspec

from myelin.http.messages import Headers, Request, Response
from myelin.http.routes import Access, Handler, Route

INDEX = "index.html"
ENCODINGS = {"br": ".br", "gzip": ".gz"}
CONTENT_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
# Scripts from here alone, and WebAssembly for encryption; the component library writes its variables as styles.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
SAFE: Headers = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), microphone=(self), geolocation=()"),
    (b"vary", b"accept-encoding"),
)


class ClientFile(msgspec.Struct, frozen=True):
    """One file. `forms` are its compressed forms by encoding, in memory, for they are what browsers take."""

    path: str
    source: Path
    etag: bytes
    headers: Headers
    forms: Mapping[str, bytes]


class WebClient:
    """Serves what the build has left in a folder."""

    def __init__(self, files: Iterable[ClientFile]) -> None:
        self._files = tuple(files)

    def routes(self) -> Iterator[Route]:
        """Yield a route for each file; `/` is the page itself."""
        for file in self._files:
            yield Route("GET", "/" if file.path == f"/{INDEX}" else file.path, handler_of(file), Access.OPEN)


def handler_of(file: ClientFile) -> Handler:
    """Return the handler that answers with one file."""

    async def get(request: Request) -> Response:
        if request.header(b"if-none-match") == file.etag:
            return Response(304, b"", file.headers)
        encoding = accepted(request.header(b"accept-encoding") or b"", file.forms)
        if encoding is None:
            return Response(200, await asyncio.to_thread(file.source.read_bytes), file.headers)
        return Response(200, file.forms[encoding], (*file.headers, (b"content-encoding", encoding.encode())))

    return get


def accepted(accept_encoding: bytes, forms: Mapping[str, bytes]) -> str | None:
    """Return the smallest form that the browser takes, None for the file as it is."""
    offers = [part.partition(b";") for part in accept_encoding.lower().split(b",")]
    taken = {name.strip().decode("latin-1") for name, _, weight in offers if weight.replace(b" ", b"") != b"q=0"}
    return next((encoding for encoding in ENCODINGS if encoding in taken and encoding in forms), None)


def client_files(folder: Path) -> Iterator[ClientFile]:
    """Yield the files of a built client, nothing where none was built."""
    for source in sorted(folder.rglob("*")):
        if source.is_file() and source.suffix in CONTENT_TYPES:
            yield client_file(folder, source)


def client_file(folder: Path, source: Path) -> ClientFile:
    """Return one file with its headers and compressed forms."""
    path = f"/{source.relative_to(folder).as_posix()}"
    etag = f'"{sha256(source.read_bytes()).hexdigest()[:32]}"'.encode()
    # The page and the service worker are asked for each time, so that a new version is found.
    caching = b"public, max-age=31536000, immutable" if path.startswith("/assets/") else b"no-cache"
    own = ((b"content-type", CONTENT_TYPES[source.suffix].encode()), (b"cache-control", caching), (b"etag", etag))
    found = {encoding: source.with_name(source.name + suffix) for encoding, suffix in ENCODINGS.items()}
    forms = {encoding: form.read_bytes() for encoding, form in found.items() if form.exists()}
    return ClientFile(path, source, etag, (*own, *SAFE), forms)
