"""How much bulk goes into one batch: as much as is done in a moment, for somebody may arrive in the next one."""

from __future__ import annotations

BULK_PER_BATCH = 50
# A person who arrives right after the batch was closed waits for it and for their own.
BUDGET_S = 0.006


class Pace:
    """The number of bulk proposals that the next batch takes, by what the last ones took."""

    def __init__(self) -> None:
        self.count = BULK_PER_BATCH // 5

    def took(self, count: int, duration_s: float) -> None:
        """Take note of how long a batch with so many bulk proposals was under way."""
        possible = int(count * BUDGET_S / max(duration_s, 1e-6))
        # Down at once, up by half: one quick batch says little, one slow batch keeps people waiting.
        self.count = max(1, min(possible, self.count + self.count // 2 + 1, BULK_PER_BATCH))
