"""Sections of the page of results that are written topic by topic: one table for each, replaced alone.

The page is the only memory of what was measured earlier, so a section is read back from it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from bench.report import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.daily import Row

HEADER = ("What", "Myelin", "goal", "how it was measured")
TOPIC = re.compile(r"^### (\w+)\n+(.*?)(?=^### |\Z)", re.MULTILINE | re.DOTALL)


class Section(msgspec.Struct, frozen=True):
    """A part of the page with a title of its own."""

    title: str
    introduction: str

    def with_topic(self, page: str, topic: str, rows: Sequence[Row]) -> str:
        """Return the page with these rows in place of the topic's earlier ones."""
        lines = ([row.what, row.figure, row.goal, row.how] for row in rows)
        return self.with_tables(page, {**self.tables_of(page), topic: table(HEADER, lines)})

    def with_tables(self, page: str, tables: Mapping[str, str]) -> str:
        if not tables:
            return page
        topics = [f"### {topic}\n\n{tables[topic]}" for topic in sorted(tables)]
        written = "\n\n".join([f"## {self.title}", self.introduction, *topics])
        found = self._place.search(page)
        before, after = (page[: found.start()], page[found.end() :]) if found else (page, "")
        return "\n\n".join(part.strip() for part in (before, written, after) if part.strip()) + "\n"

    def tables_of(self, page: str) -> dict[str, str]:
        """Return the tables that the page has, by topic."""
        found = self._place.search(page)
        return {topic: rows.strip() for topic, rows in TOPIC.findall(found[0])} if found else {}

    @property
    def _place(self) -> re.Pattern[str]:
        return re.compile(rf"^## {re.escape(self.title)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)


DAILY = Section(
    "Daily use", "Own figures without a peer, from `python -m bench.daily`; server and database share one core."
)
WEB = Section(
    "Web client",
    "Figures of the client in Debian's Chromium, headless, from `python -m bench.web`; server, database and browser "
    "share the machine's cores. Starts are medians of three; the rest is one run of as many events as the row says.",
)
GATEWAY = Section(
    "Gateway",
    "The gateway to the hospital's systems, from `python -m bench.gateway`; one core unless a row says otherwise.",
)


def with_sections_of(earlier: str, page: str) -> str:
    """Return a page written anew, with the sections that the earlier one had beside it."""
    for section in (DAILY, WEB, GATEWAY):
        page = section.with_tables(page, section.tables_of(earlier))
    return page
