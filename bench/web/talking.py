"""How quick a conversation is: from Enter to the other person's screen, and from choosing one to reading it."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from bench.daily import Row
from bench.daily.site import percentile
from bench.web.ward import ROWS, composer, open_room, ward

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Page

MESSAGES = 40
OPENINGS = 12
# The clock of the machine when a text was painted: the frame after it came into the document.
WATCH = """
window.watch = (text) => new Promise((resolve) => {
  const found = () => [...document.querySelectorAll("article")].some((each) => each.textContent.includes(text));
  const painted = () => requestAnimationFrame(() => setTimeout(() =>
    resolve(performance.timeOrigin + performance.now())));
  if (found()) return painted();
  const observer = new MutationObserver(() => { if (found()) { observer.disconnect(); painted(); } });
  observer.observe(document.body, { childList: true, subtree: true, characterData: true });
});
addEventListener("keydown", (event) => {
  if (event.key === "Enter") window.pressedAt = performance.timeOrigin + performance.now();
}, true);
addEventListener("click", () => { window.clickedAt = performance.timeOrigin + performance.now(); }, true);
"""


async def rows(place: Path) -> list[Row]:
    """Return percentiles over all messages and openings of one run."""
    async with ward(place) as there:
        await there.employ("nurse", "doctor")
        for name in ("交班", "会诊"):
            await there.open_room(name, ["doctor", "nurse"])
        nurse, doctor = await there.arrive("nurse", WATCH), await there.arrive("doctor", WATCH)
        for page in (nurse, doctor):
            await open_room(page, "会诊")
        for number in range(30):
            await say(doctor, nurse, f"会诊 {number:02} 号意见")
        for page in (nurse, doctor):
            await open_room(page, "交班")
        sent = [await say(doctor, nurse, f"交班 {number:02} 号病人") for number in range(MESSAGES)]
        opened = [await opening_ms(nurse, *turn) for turn in turns()]
    how = "two pages in one browser, encrypted, local server"
    figure = f"p50 {percentile(sent, 0.5):.0f} ms, p95 {percentile(sent, 0.95):.0f} ms"
    return [
        Row("Enter to the other person's screen", figure, "p50 ≤ 60 ms", f"{how}; {MESSAGES} messages"),
        Row(
            "opening a conversation",
            f"{statistics.median(opened):.0f} ms, longest {max(opened):.0f} ms",
            "≤ 150 ms",
            f"click to the frame that shows its last message; {OPENINGS} openings of two conversations",
        ),
    ]


def turns() -> list[tuple[str, str]]:
    """The conversations in turn, each with what its last message says."""
    return [("会诊", "会诊 29 号"), ("交班", f"交班 {MESSAGES - 1:02} 号")] * (OPENINGS // 2)


async def say(speaker: Page, reader: Page, text: str) -> float:
    """How many milliseconds it took from the key to the reader's screen."""
    await composer(speaker).fill(text)
    watching = await reader.evaluate_handle("(text) => ({ painted: window.watch(text) })", text)
    await composer(speaker).press("Enter")
    painted: float = await watching.evaluate("(each) => each.painted")
    pressed: float = await speaker.evaluate("window.pressedAt")
    return painted - pressed


async def opening_ms(page: Page, name: str, last: str) -> float:
    row = page.get_by_role("navigation", name="会话").locator(ROWS).filter(has_text=name)
    await row.click()
    painted: float = await page.evaluate("window.watch", last)
    clicked: float = await page.evaluate("window.clickedAt")
    # What the reader does between two openings.
    await page.wait_for_timeout(300)
    return painted - clicked
