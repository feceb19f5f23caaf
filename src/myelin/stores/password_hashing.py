"""argon2id in one thread of the lowest priority behind a bounded queue: a storm of sign-ins delays sign-ins only."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from myelin.matrix.errors import LimitExceeded
from myelin.settings import PasswordCost

WAITING_LIMIT = 512
RETRY_AFTER_MS = 5_000
LOWEST_PRIORITY = 19

Outcome = TypeVar("Outcome")


class PasswordHashing:
    """Hashes and compares, one at a time, in the order of asking."""

    def __init__(self, cost: PasswordCost, waiting_limit: int = WAITING_LIMIT) -> None:
        self._hasher = PasswordHasher(cost.time_cost, cost.memory_cost_kib, cost.parallelism)
        self._executor = ThreadPoolExecutor(1, "passwords", give_way)
        self._waiting_limit = waiting_limit
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """Return the hash to keep; `LimitExceeded` where too many wait."""
        return await self._in_turn(lambda: self._hasher.hash(encoded(password)))

    async def compare(self, stored: str | None, password: str) -> tuple[bool, str | None]:
        """Return whether the password is right, and a new hash of it where the cost has changed.

        Without a stored hash the password is hashed all the same, so that the answer takes as long.
        """
        return await self._in_turn(lambda: self._compare(stored, password))

    def close(self) -> None:
        """Give up what still waits."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _in_turn(self, work: Callable[[], Outcome]) -> Outcome:
        if self._waiting >= self._waiting_limit:
            raise LimitExceeded("too many people are signing in; try again", retry_after_ms=RETRY_AFTER_MS)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)
        finally:
            self._waiting -= 1

    def _compare(self, stored: str | None, password: str) -> tuple[bool, str | None]:
        if stored is None:
            self._hasher.hash(encoded(password))
            return False, None
        try:
            self._hasher.verify(stored, encoded(password))
        except (VerificationError, InvalidHashError):
            return False, None
        return True, self._hasher.hash(encoded(password)) if self._hasher.check_needs_rehash(stored) else None


def encoded(password: str) -> bytes:
    """Return the bytes of a password; half a surrogate pair, which JSON can spell, is no reason to fail."""
    return password.encode("utf-8", "surrogatepass")


def give_way() -> None:
    """Let this thread run only while nobody else wants the processor."""
    try:
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    except (AttributeError, OSError):
        # Linux counts threads here; elsewhere there is no way to slow one thread alone.
        if hasattr(os, "SCHED_IDLE"):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_PRIORITY)
