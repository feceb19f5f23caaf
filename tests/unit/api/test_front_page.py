"""The page at the server's address: it loads nothing, and its policy knows its own style."""

import re
from base64 import b64encode
from hashlib import sha256

from myelin.api.discovery.front_page import FrontPage, html_headers
from myelin.http.messages import Request


def test_each_style_is_allowed_by_its_hash_and_nothing_else() -> None:
    page = "<style>a {}</style><style>b {}</style>"
    policy = dict(html_headers(page))[b"content-security-policy"].decode()
    for style in ("a {}", "b {}"):
        assert f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in policy
    assert "unsafe" not in policy


async def test_the_page_needs_nothing_that_its_policy_forbids() -> None:
    (route,) = [route for route in FrontPage().routes() if route.path == "/"]
    page = await route.handler(Request("GET", (), b"", {}, b"", "192.0.2.1"))
    assert b"<style>" in page.body
    assert not re.search(rb"\s(?:style|on\w+|src|href)=", page.body)
