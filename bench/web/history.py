"""A conversation of 20,000 messages: how smoothly it scrolls, and how quickly a key is on the screen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bench.daily import Row
from bench.daily.site import percentile
from bench.web.ward import ROWS, Ward, composer, ward

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Page

MESSAGES = 20_000
AT_ONCE = 16
WHEEL_PX = 1_200
STEPS = 600
STEP_MS = 50
KEYS = 120
# Sixteen keys a second are a quick typist.
KEY_MS = 60
# Intervals between frames, while `window.intervals` is an array.
FRAMES = """
(() => {
  let before = performance.now();
  const frame = (now) => { window.intervals?.push(now - before); before = now; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
})();
window.keys = [];
addEventListener("keydown", () => {
  const pressed = performance.now();
  requestAnimationFrame(() => setTimeout(() => window.keys.push(performance.now() - pressed)));
}, true);
"""


async def rows(place: Path) -> list[Row]:
    """Return percentiles of one long run."""
    async with ward(place) as there:
        await there.employ("nurse", "doctor")
        room = await there.open_room("长谈", ["doctor", "nurse"], is_encrypted=False)
        await fill(there, room)
        page = await there.arrive("nurse", FRAMES)
        await page.locator(ROWS).filter(has_text="长谈").click()
        await page.get_by_role("article").filter(has_text=f"第 {MESSAGES - 1:05} 条").wait_for()
        keys = await typed_ms(page)
        frames = await scrolled_ms(page)
        top = await page.get_by_role("article").first.inner_text()
        late_keys = await typed_ms(page)
    how = (
        f"{MESSAGES} messages, in clear; wheel upwards {STEPS} times {WHEEL_PX} px, history loaded on the way ({top!r})"
    )
    return [
        Row(
            "frame while scrolling",
            f"p50 {percentile(frames, 0.5):.0f} ms, p99 {percentile(frames, 0.99):.0f} ms",
            "p99 ≤ 50 ms",
            how,
        ),
        Row(
            "key to paint",
            f"p95 {percentile(keys, 0.95):.0f} ms",
            "p95 ≤ 50 ms",
            f"{KEYS} keys as the conversation is opened",
        ),
        Row(
            "key to paint, far up in history",
            f"p95 {percentile(late_keys, 0.95):.0f} ms",
            "p95 ≤ 50 ms",
            f"{KEYS} keys after that scrolling",
        ),
    ]


async def fill(there: Ward, room: str) -> None:
    """Have two people say it all, each in order."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def say(number: int) -> None:
        async with turns:
            name = "doctor" if number % 7 else "nurse"
            await there.say(name, room, str(number), f"第 {number:05} 条：{'今天的交班内容' * (number % 5 + 1)}")

    await asyncio.gather(*(say(number) for number in range(MESSAGES)))


async def scrolled_ms(page: Page) -> list[float]:
    """The intervals between frames while somebody scrolls upwards."""
    await page.get_by_role("log").hover()
    await page.evaluate("window.intervals = []")
    for _ in range(STEPS):
        await page.mouse.wheel(0, -WHEEL_PX)
        await page.wait_for_timeout(STEP_MS)
    frames: list[float] = await page.evaluate("window.intervals")
    return frames


async def typed_ms(page: Page) -> list[float]:
    await composer(page).focus()
    await page.evaluate("window.keys = []")
    await page.keyboard.type("a" * KEYS, delay=KEY_MS)
    await page.wait_for_timeout(200)
    await composer(page).fill("")
    keys: list[float] = await page.evaluate("window.keys")
    return keys
