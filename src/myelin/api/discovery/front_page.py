"""GET / without a web client, and /robots.txt: what a person, or a machine that reads pages, finds here."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files

from myelin.http.messages import Request, Response
from myelin.http.routes import Access, Route

STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


class FrontPage:
    """Says what this is and that the web client was not built; with `is_replaced` the client stands there itself."""

    def __init__(self, is_replaced: bool = False) -> None:
        self._is_replaced = is_replaced
        page = files(__package__).joinpath("front_page.html").read_text("utf-8")
        self._page = Response(200, page.encode(), html_headers(page))
        plain = ((b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff"))
        self._robots = Response(200, b"User-agent: *\nDisallow: /\n", plain)

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        if not self._is_replaced:
            yield Route("GET", "/", self.get, Access.OPEN)
        yield Route("GET", "/robots.txt", self.get_robots, Access.OPEN)

    async def get(self, request: Request) -> Response:
        return self._page

    async def get_robots(self, request: Request) -> Response:
        return self._robots


def html_headers(page: str) -> list[tuple[bytes, bytes]]:
    """Return the headers of a page that loads nothing, runs nothing, and stands in nobody's frame."""
    styles = " ".join(
        f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" for style in STYLE.findall(page)
    )
    policy = f"default-src 'none'; style-src {styles}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    ]
