"""How much is appended, and how long it takes: a writer that counts what goes through another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from myelin.append.pool import LogWriter
from myelin.entries.entry import Entry
from myelin.entries.rows import AppendedRow
from myelin.log.log import Head


class MeasuredWriter:
    """Passes everything on. `clock_s` never runs backwards."""

    def __init__(self, writer: LogWriter, clock_s: Callable[[], float]) -> None:
        self._writer = writer
        self._clock_s = clock_s
        self.batches = 0
        self.entries = 0
        self.seconds = 0.0
        self.failures = 0

    async def append(self, expected: Head, rows: Sequence[AppendedRow], writes: str | None, signal: bool) -> int:
        """Append, and count it; see `Log.append`."""
        started = self._clock_s()
        try:
            found = await self._writer.append(expected, rows, writes, signal)
        except BaseException:
            self.failures += 1
            raise
        finally:
            self.seconds += self._clock_s() - started
        self.batches += 1
        self.entries += len(rows)
        return found

    async def read(self, after: int, limit: int = 1000) -> list[Entry]:
        """See `Log.read`."""
        return await self._writer.read(after, limit)

    async def head(self) -> int:
        """See `Log.head`."""
        return await self._writer.head()

    def standstill(self) -> AbstractAsyncContextManager[None]:
        """Have nobody else append meanwhile."""
        return self._writer.standstill()

    async def close(self) -> None:
        """Close the connection; the next call opens another."""
        await self._writer.close()
