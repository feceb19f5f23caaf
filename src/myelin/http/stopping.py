"""What SIGTERM and SIGINT do: a clean stop, and a quick one for who asks twice."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from types import TracebackType
from typing import Self

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stopping:
    """Within it a signal calls what `calls` named, with whether it is the second; before that, it ends the start."""

    def __init__(self) -> None:
        self._stop: Callable[[bool], None] | None = None
        self._task: asyncio.Task[object] | None = None
        self.count = 0

    def __enter__(self) -> Self:
        self._task = asyncio.current_task()
        for each in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(each, self.ask)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        for each in SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(each)
        return kind is asyncio.CancelledError and self.count > 0

    def calls(self, stop: Callable[[bool], None]) -> None:
        """Name what ends the work; called at once where the signal has come already."""
        self._stop = stop
        if self.count:
            stop(self.count > 1)

    def ask(self) -> None:
        """Stop, as a signal does."""
        self.count += 1
        if self._stop is not None:
            self._stop(self.count > 1)
        elif self._task is not None:
            self._task.cancel()
