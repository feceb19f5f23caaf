"""Brings the rooms up to date with their members' names and pictures, behind everybody else's work.

A room is behind where a member event is older than the profile. That is a question to the projections, so nothing
is lost with the process: the next one asks it for everybody before it does anything else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from myelin.actions.profile import spread_profile
from myelin.append.proposal import Proposal
from myelin.matrix.errors import LimitExceeded, MatrixError, ResourceUnavailable
from myelin.schema.connections import DATABASE_FAULTS

AT_ONCE = 50
PAUSE_S = 1.0

logger = logging.getLogger(__name__)


class ProfileSpread:
    """Spreads profiles of those who changed theirs. `rooms_behind` names (user, room), for None of everybody."""

    def __init__(
        self,
        submit: Callable[[Proposal[None]], Awaitable[Any]],
        rooms_behind: Callable[[str | None], Awaitable[Sequence[tuple[str, str]]]],
    ) -> None:
        self._submit = submit
        self._rooms_behind = rooms_behind
        self._changed: asyncio.Queue[str | None] = asyncio.Queue()

    def changed(self, user_id: str) -> None:
        """Have a person's rooms brought up to date."""
        self._changed.put_nowait(user_id)

    async def run(self) -> None:
        """Spread what an earlier process left, then what changes, for ever."""
        self._changed.put_nowait(None)
        while True:
            user_id = await self._changed.get()
            try:
                await self.spread(user_id)
            except (LimitExceeded, ResourceUnavailable, *DATABASE_FAULTS) as fault:
                # The server is busy or its database away: later is soon enough.
                logger.warning("profiles wait to be spread: %s", type(fault).__name__)
                await asyncio.sleep(PAUSE_S)
                self._changed.put_nowait(user_id)

    async def spread(self, user_id: str | None) -> None:
        """Bring the rooms of one person, or of everybody, up to date."""
        behind = await self._rooms_behind(user_id)
        for start in range(0, len(behind), AT_ONCE):
            await asyncio.gather(*(self._spread(*place) for place in behind[start : start + AT_ONCE]))

    async def _spread(self, user_id: str, room_id: str) -> None:
        try:
            await self._submit(spread_profile(user_id, room_id))
        except (LimitExceeded, ResourceUnavailable):
            raise
        except MatrixError as refusal:
            # The room does not let the person change their member event; it keeps the name it shows.
            logger.info("a room keeps an old name: %s", refusal.errcode)
