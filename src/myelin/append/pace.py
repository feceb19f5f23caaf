"""How much bulk goes into one batch, and how long it rests then: somebody may arrive in the next moment."""

from __future__ import annotations

BULK_PER_BATCH = 50
# A slow disk or a busy machine makes every batch slow, whatever is in it: with less than this nobody would wait less.
LEAST_PER_BATCH = 4
# A person who arrives right after the batch was closed waits for it and for their own: hardly at all where people
# come and go, and no longer than anybody notices where nobody was there lately.
BUSY_S = 0.002
CALM_S = 0.020
CALM_BATCHES = 20
# Whoever comes while bulk rests waits for nothing. A batch that took longer than this was held up by something else.
LONGEST_REST_S = 0.005


class Pace:
    """How many bulk proposals the next batch takes, and how long they wait first, by what the last ones took."""

    def __init__(self) -> None:
        self.count = BULK_PER_BATCH // 5
        self.rest_s = 0.0
        self._since_people = 0

    def took(self, count: int, of_people: int, duration_s: float) -> None:
        """Take note of how long a batch with so many bulk proposals, and so many of people, was under way."""
        self._since_people = 0 if of_people else self._since_people + 1
        is_calm = self._since_people > CALM_BATCHES
        # Half of the time is for people, while there are any: with no time to spare, everything waits for everything.
        self.rest_s = min(duration_s, LONGEST_REST_S) if count and not is_calm else 0.0
        if not count:
            return
        budget_s = CALM_S if is_calm else BUSY_S
        possible = int(count * budget_s / max(duration_s, 1e-6))
        # Down at once, up by half: one quick batch says little, one slow batch keeps people waiting.
        self.count = max(LEAST_PER_BATCH, min(possible, self.count + self.count // 2 + 1, BULK_PER_BATCH))
