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
from myelin.projections.profiles import RoomBehind
from myelin.schema.connections import DATABASE_FAULTS

AT_ONCE = 50
PAUSE_S = 1.0

logger = logging.getLogger(__name__)


class ProfileSpread:
    """Spreads profiles of those who changed theirs. `rooms_behind` names where, for None of everybody."""

    def __init__(
        self,
        submit: Callable[[Proposal[None]], Awaitable[Any]],
        rooms_behind: Callable[[Sequence[str] | None], Awaitable[Sequence[RoomBehind]]],
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
                await self.spread(None if user_id is None else [user_id])
            except (LimitExceeded, ResourceUnavailable, *DATABASE_FAULTS) as fault:
                # The server is busy or its database away: later is soon enough.
                logger.warning("profiles wait to be spread: %s", type(fault).__name__)
                await asyncio.sleep(PAUSE_S)
                self._changed.put_nowait(user_id)

    async def spread(self, user_ids: Sequence[str] | None) -> None:
        """Bring the rooms of these people, or of everybody, up to date."""
        behind = await self._rooms_behind(user_ids)
        for start in range(0, len(behind), AT_ONCE):
            await asyncio.gather(*map(self._spread, behind[start : start + AT_ONCE]))

    async def _spread(self, behind: RoomBehind) -> None:
        try:
            await self._submit(spread_profile(behind.user_id, behind.room_id, behind.event_id))
        except (LimitExceeded, ResourceUnavailable):
            raise
        except MatrixError as refusal:
            # The room does not let the person change their member event; it keeps the name it shows.
            logger.info("a room keeps an old name: %s", refusal.errcode)
