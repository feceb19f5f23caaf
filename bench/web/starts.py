"""How long somebody with 200 conversations waits: on a device that knows them, and on one that does not."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from bench.daily import Row
from bench.web.ward import ROWS, Ward, open_room, ward

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Page

CONVERSATIONS = 200
MESSAGES = 5
RUNS = 3
# When the list was first on the screen: the frame after the first row came into the document.
FIRST_ROWS = """
new MutationObserver((_, observer) => {
  if (document.querySelector("[data-row]") === null) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.firstRowsAt = performance.now(); }));
}).observe(document, { childList: true, subtree: true });
"""
SIGNING_IN = """
addEventListener("submit", () => { window.submittedAt = performance.now(); }, true);
"""
PAINTED = "new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)))"
HEAP_BYTES = "(gc(), gc(), performance.memory.usedJSHeapSize)"


async def rows(place: Path) -> list[Row]:
    """Return the medians; the rooms are encrypted, and their messages are written before encryption, in clear."""
    async with ward(place) as there:
        await prepare(there)
        page = await there.arrive("nurse", FIRST_ROWS, SIGNING_IN)
        await open_room(page, f"会话 {CONVERSATIONS - 1}")
        warm = [await warm_ms(page) for _ in range(RUNS)]
        await page.wait_for_timeout(5_000)
        heap_mb = await page.evaluate(HEAP_BYTES) / 1_000_000
        await page.context.close()
        cold = [await cold_ms(there) for _ in range(RUNS)]
    how = f"{CONVERSATIONS} encrypted rooms with {MESSAGES} messages each"
    return [
        Row("warm start to the painted list", seconds(warm), "≤ 1.0 s", f"{how}; reload, from navigation to frame"),
        Row("cold start to a usable list", seconds(cold), "≤ 2.0 s", f"{how}; new device, from the pressed button on"),
        Row("heap after a warm start", f"{heap_mb:.0f} MB", "≤ 60 MB", f"{how}; after garbage collection, one run"),
    ]


async def prepare(there: Ward) -> None:
    await there.employ("nurse", "doctor")
    for number in range(CONVERSATIONS):
        room = await there.open_room(f"会话 {number:03}", ["doctor", "nurse"], is_encrypted=False)
        for message in range(MESSAGES):
            await there.say("doctor", room, f"{number}-{message}", f"第 {message} 条：请看一下今天的安排")
        content = {"algorithm": "m.megolm.v1.aes-sha2"}
        await there.call("doctor", "PUT", f"rooms/{room}/state/m.room.encryption", content)


async def warm_ms(page: Page) -> float:
    await page.reload()
    await settled(page)
    at: float = await page.evaluate("window.firstRowsAt")
    return at


async def cold_ms(there: Ward) -> float:
    page = await there.sit_down(FIRST_ROWS, SIGNING_IN)
    await there.sign_in(page, "nurse")
    await settled(page)
    took: float = await page.evaluate("window.firstRowsAt - window.submittedAt")
    await page.context.close()
    return took


async def settled(page: Page) -> None:
    """Return once a list longer than a glance is on the screen."""
    await page.locator(ROWS).nth(5).wait_for()
    await page.evaluate(PAINTED)


def seconds(times_ms: list[float]) -> str:
    return f"{statistics.median(times_ms) / 1000:.2f} s"
