"""How much script the sign-in page and the first conversation load, as the server sends it to a browser with gzip."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING
from urllib.parse import urlparse

import httpx

from bench.daily import Row
from bench.web.ward import composer, open_room, ward

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Page

LOADED = "performance.getEntriesByType('resource').map(each => each.name)"


async def rows(place: Path) -> list[Row]:
    """Return the sizes; nothing here depends on time, so one run is enough."""
    async with ward(place) as there:
        await there.employ("nurse", "doctor")
        await there.open_room("交班", ["nurse", "doctor"])
        page = await there.sit_down()
        await page.get_by_role("button", name="登录").wait_for()
        entrance = await scripts_of(page)
        await there.sign_in(page, "nurse")
        await open_room(page, "交班")
        await composer(page).fill("x")
        whole = await scripts_of(page)
        before, after = await gzip_kb(there.client, entrance), await gzip_kb(there.client, whole)
        wasm = (await there.client.get(await wasm_of(page), headers={"Accept-Encoding": "br"})).headers[
            "content-length"
        ]
    how = "gzip of every script that the browser has asked for, without the encryption's WebAssembly; one run"
    return [
        Row("script of the sign-in page", f"{before:.0f} kB", "≤ 200 kB", f"{how}; {len(entrance)} files"),
        Row("script with a conversation open", f"{after:.0f} kB", "≤ 700 kB", f"{how}; {len(whole)} files"),
        Row("the WebAssembly, brotli", f"{int(wasm) / 1000:.0f} kB", "stated", "asked for while the password is typed"),
    ]


async def scripts_of(page: Page) -> list[str]:
    """The paths of the scripts that the page has loaded, the ones in its markup too."""
    marked: list[str] = await page.evaluate("[...document.scripts].map(each => each.src).filter(Boolean)")
    loaded: list[str] = await page.evaluate(LOADED)
    return sorted({path for path in map(path_of, [*marked, *loaded]) if path.endswith(".js")})


async def wasm_of(page: Page) -> str:
    loaded: list[str] = await page.evaluate(LOADED)
    return next(path for path in map(path_of, loaded) if path.endswith(".wasm"))


def path_of(address: str) -> str:
    return urlparse(address).path


async def gzip_kb(client: httpx.AsyncClient, paths: list[str]) -> float:
    contents = [(await client.get(path)).content for path in paths]
    return sum(len(gzip.compress(content, 9)) for content in contents) / 1000
