"""What a section of a sync answer is: fields at the top level, and whether they are news.

Fields that must always be there (key counts) are no news by themselves: a long poll goes on waiting.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from myelin.sync.reading import Reading


class SectionFields(msgspec.Struct, frozen=True):
    """The top-level fields of one section.

    `held_at` says that more messages to the device wait, after this position: nothing else is read before they came.
    """

    fields: Mapping[str, object] = {}
    is_news: bool = False
    held_at: int | None = None


NOTHING = SectionFields()


class Section(Protocol):
    """One section, read for one viewer."""

    async def read(self, reading: Reading) -> SectionFields: ...
