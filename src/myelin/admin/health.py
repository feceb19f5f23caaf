"""GET /_myelin/health: whether this process can do its work.

Everybody may ask, a load balancer above all, and learns only what is wrong. Figures are for near callers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec

from myelin.http.messages import Request, Response, ok
from myelin.http.proxies import Proxies
from myelin.http.routes import Access, Route

CLOCK_DIFFERENCE_LIMIT_MS = 2000
DATABASE_TIMEOUT_S = 3.0
# However many ask, the database is asked once a second.
FRESH_S = 1.0
WATCH_INTERVAL_S = 60.0

logger = logging.getLogger(__name__)


class DatabaseClock(Protocol):
    """The database's time in ms; raises where the database does not answer."""

    async def database_clock(self) -> int: ...


class Finding(msgspec.Struct, frozen=True):
    """What a check found: the problems in words, and how far the database's clock is ahead of ours."""

    at_s: float
    problems: tuple[str, ...] = ()
    clock_difference_ms: int | None = None


class Figures(msgspec.Struct, frozen=True):
    """Where health reads its figures."""

    head: Callable[[], int]
    processes: Callable[[], int]


class Health:
    """Checks the database and the clocks. `clock_ms` is the time of day, `clock_s` never runs backwards."""

    def __init__(
        self,
        database: DatabaseClock,
        figures: Figures,
        proxies: Proxies,
        clock_ms: Callable[[], int],
        clock_s: Callable[[], float],
    ) -> None:
        self._database = database
        self._figures = figures
        self._proxies = proxies
        self._clock_ms = clock_ms
        self._clock_s = clock_s
        self._latest = Finding(at_s=float("-inf"))
        self._asking = asyncio.Lock()

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("GET", "/_myelin/health", self.get, Access.OPEN)

    async def get(self, request: Request) -> Response:
        finding = await self.check()
        answer: dict[str, object] = {"status": "failing" if finding.problems else "ok"}
        if finding.problems:
            answer["problems"] = list(finding.problems)
        if self._proxies.is_near(request.peer_address, request.headers):
            answer["head"] = self._figures.head()
            answer["processes"] = self._figures.processes()
            answer["clock_difference_ms"] = finding.clock_difference_ms
        response = ok(answer)
        return Response(503, response.body) if finding.problems else response

    @property
    def latest(self) -> Finding:
        """What the last check found."""
        return self._latest

    async def check(self) -> Finding:
        """Return what a check of this second finds."""
        async with self._asking:
            if self._clock_s() - self._latest.at_s >= FRESH_S:
                finding = await self._look()
                tell_changes(self._latest.problems, finding.problems)
                self._latest = finding
            return self._latest

    async def watch(self) -> None:
        """Check every minute, so that a wrong clock alarms even where nobody asks."""
        while True:
            await self.check()
            await asyncio.sleep(WATCH_INTERVAL_S)

    async def _look(self) -> Finding:
        asked_at = self._clock_ms()
        try:
            async with asyncio.timeout(DATABASE_TIMEOUT_S):
                database_ms = await self._database.database_clock()
        except Exception as fault:
            logger.warning("the database does not answer a health check: %s", type(fault).__name__)
            return Finding(self._clock_s(), ("the database does not answer",))
        difference_ms = database_ms - (asked_at + self._clock_ms()) // 2
        if abs(difference_ms) <= CLOCK_DIFFERENCE_LIMIT_MS:
            return Finding(self._clock_s(), (), difference_ms)
        problem = f"the clocks of this machine and of the database differ by {abs(difference_ms)} ms"
        return Finding(self._clock_s(), (problem,), difference_ms)


def tell_changes(before: tuple[str, ...], now: tuple[str, ...]) -> None:
    """Log what is wrong, and that it is well again."""
    for problem in now:
        if problem not in before:
            logger.error("health: %s", problem)
    if before and not now:
        logger.warning("health: all is well again")
