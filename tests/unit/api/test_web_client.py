"""The web client's files: what the build left is served as it is or compressed, once for ever or anew, never more."""

from pathlib import Path

import pytest

from myelin.api.discovery.web_client import WebClient, accepted, client_files
from myelin.http.messages import Request, Response
from myelin.http.routes import Routes


@pytest.fixture
def routes(tmp_path: Path) -> Routes:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "assets" / "app-1a2b.js").write_text("console.log()")
    (tmp_path / "assets" / "app-1a2b.js.br").write_bytes(b"brotli")
    (tmp_path / "assets" / "notes.md").write_text("not for browsers")
    return Routes(WebClient(client_files(tmp_path)).routes())


async def get(routes: Routes, path: str, **headers: str) -> tuple[Response, dict[str, str]]:
    route, _ = routes.match("GET", path)
    sent = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    response = await route.handler(Request("GET", (), b"", sent, b"", "192.0.2.1"))
    return response, {name.decode(): value.decode() for name, value in response.headers}


async def test_the_page_is_asked_for_anew_and_runs_only_what_is_here(routes: Routes) -> None:
    response, headers = await get(routes, "/")
    assert response.body == b"<!doctype html>"
    assert headers["cache-control"] == "no-cache"
    assert "script-src 'self' 'wasm-unsafe-eval';" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    again, _ = await get(routes, "/", if_none_match=headers["etag"])
    assert (again.status, again.body) == (304, b"")


async def test_assets_are_kept_for_ever_and_compressed_for_whoever_takes_it(routes: Routes) -> None:
    response, headers = await get(routes, "/assets/app-1a2b.js", accept_encoding="gzip, deflate, br")
    assert (response.body, headers["content-encoding"]) == (b"brotli", "br")
    assert "immutable" in headers["cache-control"] and headers["vary"] == "accept-encoding"
    plain, headers = await get(routes, "/assets/app-1a2b.js", accept_encoding="br;q=0")
    assert plain.body == b"console.log()" and "content-encoding" not in headers


def test_nothing_else_is_served(routes: Routes) -> None:
    assert sorted(route.path for route in routes) == ["/", "/assets/app-1a2b.js"]


def test_a_folder_without_a_client_has_no_routes(tmp_path: Path) -> None:
    assert list(client_files(tmp_path / "missing")) == []


@pytest.mark.parametrize(
    ("offered", "taken"),
    [(b"", None), (b"identity", None), (b"gzip", "gzip"), (b"GZIP;q=0.5, br", "br"), (b"br; q=0, gzip", "gzip")],
)
def test_the_smallest_form_that_is_taken(offered: bytes, taken: str | None) -> None:
    assert accepted(offered, {"br": b"", "gzip": b""}) == taken
