"""A real browser on `tls = "own"`: refused before the root is installed, and a secure origin afterwards."""

from __future__ import annotations

import asyncio
import os
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Error, Page, async_playwright

from myelin.tls.certificates import Pair, new_certificate, read_pair
from tests.e2e.conftest import BROWSERS
from tests.e2e.trust import install
from tests.process.test_own_tls import HOST, Site, site

__all__ = ["site"]

DIGEST = "crypto.subtle.digest('SHA-256', new Uint8Array(3)).then(digest => digest.byteLength)"


@asynccontextmanager
async def page_of(home: Path, name: str = HOST) -> AsyncIterator[Page]:
    """A page of a browser with this home folder, in which what it trusts is kept."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if (executable is None or shutil.which("certutil") is None) and "CI" not in os.environ:
        pytest.skip("needs Chromium and certutil (libnss3-tools)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable,
            args=["--no-sandbox", f"--host-resolver-rules=MAP {name} 127.0.0.1"],
            env={**os.environ, "HOME": str(home)},
        )
        try:
            yield await browser.new_page()
        finally:
            await browser.close()


async def test_a_browser_refuses_what_it_does_not_know(site: Site, tmp_path: Path) -> None:
    async with page_of(tmp_path) as page:
        with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
            await page.goto(f"https://{HOST}:{site.port}/ca")


def root_of(site: Site, folder: Path) -> Path:
    """The file that a new computer fetches from the site."""
    file = folder / "root.crt"
    file.write_bytes(site.plain("/ca/root.crt").content)
    return file


async def test_with_the_root_it_is_a_secure_origin(site: Site, tmp_path: Path) -> None:
    install(root_of(site, tmp_path), tmp_path)
    async with page_of(tmp_path) as page:
        answer = await page.goto(f"https://{HOST}:{site.port}/ca")
        assert answer is not None and answer.ok
        assert await page.evaluate("window.isSecureContext") is True
        assert await page.evaluate(DIGEST) == 32
        assert "安装医院根证书" in await page.inner_text("h1")


async def test_whoever_steals_the_root_is_no_bank(site: Site, tmp_path: Path) -> None:
    """The root may sign for the hospital's names only, and the browser holds it to that."""
    install(root_of(site, tmp_path), tmp_path)
    stolen = read_pair((site.folder / "data/tls/root.pem").read_bytes())
    # An empty answer is what a connection that was accepted ends with here.
    for name, end in ((f"files.{HOST}", "ERR_EMPTY_RESPONSE"), ("bank.test", "ERR_CERT")):
        async with imposter(stolen, name, tmp_path) as port, page_of(tmp_path, name) as page:
            with pytest.raises(Error, match=end):
                await page.goto(f"https://{name}:{port}/")


@asynccontextmanager
async def imposter(root: Pair, name: str, folder: Path) -> AsyncIterator[int]:
    """A port at which somebody says, with the root's signature, to be this name, and then nothing more."""
    (folder / "imposter.pem").write_bytes(new_certificate(root, [name], datetime.now(UTC)).pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "imposter.pem")

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]
