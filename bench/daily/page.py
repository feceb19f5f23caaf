"""The section "Daily use" of the page of results: one table for each topic, each replaced alone.

The page is the only memory of what was measured earlier, so the section is read back from it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bench.report import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.daily import Row

TITLE = "## Daily use"
INTRODUCTION = "Own figures without a peer, from `python -m bench.daily`; server and database share one core."
HEADER = ("What", "Myelin", "goal", "how it was measured")
SECTION = re.compile(rf"\n*^{TITLE}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
TOPIC = re.compile(r"^### (\w+)\n+(.*?)(?=^### |\Z)", re.MULTILINE | re.DOTALL)


def with_topic(page: str, topic: str, rows: Sequence[Row]) -> str:
    """Return the page with these rows in place of the topic's earlier ones."""
    lines = ([row.what, row.figure, row.goal, row.how] for row in rows)
    return with_tables(page, {**tables_of(page), topic: table(HEADER, lines)})


def with_daily_of(earlier: str, page: str) -> str:
    """Return a page written anew, with what the earlier one said of daily use."""
    return with_tables(page, tables_of(earlier))


def with_tables(page: str, tables: Mapping[str, str]) -> str:
    if not tables:
        return page
    topics = [f"### {topic}\n\n{tables[topic]}" for topic in sorted(tables)]
    section = "\n\n".join([TITLE, INTRODUCTION, *topics])
    return f"{SECTION.sub(chr(10) * 2, page).strip()}\n\n{section}\n".lstrip()


def tables_of(page: str) -> dict[str, str]:
    """Return the tables that the page has, by topic."""
    section = SECTION.search(page)
    return {topic: found.strip() for topic, found in TOPIC.findall(section[0])} if section else {}
