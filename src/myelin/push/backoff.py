"""How long to wait before trying again."""

from __future__ import annotations

from collections.abc import Callable

FIRST_S = 1.0
LONGEST_S = 300.0


class Backoff:
    """Doubles from a second to five minutes. `chance` gives a number from 0 to 1: not everybody comes back at once."""

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self.failures = 0

    def failed(self, at_least_s: float = 0.0) -> float:
        """Note a failure; return how many seconds to wait."""
        self.failures += 1
        longest = min(FIRST_S * (1 << min(self.failures - 1, 16)), LONGEST_S)
        return max(longest * (0.5 + self._chance() / 2), min(at_least_s, LONGEST_S))

    def succeeded(self) -> None:
        """Note a success: the next failure is the first again."""
        self.failures = 0
