"""The filters that clients name in their requests, parsed once and kept: every sync names one."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from myelin.matrix.errors import InvalidParam
from myelin.sync.filters import NO_FILTER, Filter, parse_filter

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
KNOWN_LIMIT = 20_000
INLINE_LIMIT_BYTES = 64 * 1024

Definition = Callable[[str, str], Awaitable[bytes | None]]


class KnownFilters:
    """Turns the `filter` of a query into a filter. `definition` looks up a stored one by person and id."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._known: OrderedDict[tuple[str, str], Filter] = OrderedDict()

    async def filter(self, user_id: str, text: str | None) -> Filter:
        """Return the filter of a query: none, one in JSON, or a stored one by its id."""
        if text is None:
            return NO_FILTER
        key = (user_id, text)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = await self._parsed(user_id, text)
            if len(self._known) > KNOWN_LIMIT:
                self._known.popitem(last=False)
        return known

    async def _parsed(self, user_id: str, text: str) -> Filter:
        # The server will detect whether it is an ID or a JSON object by whether the first character is a "{".
        if text.startswith("{"):
            return parse_inline(text)
        definition = await self._definition(user_id, text) if ID.fullmatch(text) else None
        if definition is None:
            raise InvalidParam("there is no such filter; store it again")
        return parse_filter(definition)


def parse_inline(text: str) -> Filter:
    """Return a filter given in the query itself."""
    if len(text) > INLINE_LIMIT_BYTES:
        raise InvalidParam("this filter is too long for a query; store it")
    return parse_filter(text)
