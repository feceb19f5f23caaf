"""How much a person may upload at this moment: what is under way counts, so that nobody fills the disk with refusals.

Each process counts its own. The last word has the log, which sees what the other processes took in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from myelin.matrix.errors import LimitExceeded, QuotaReached, TooLarge

# Slow uploads hold a file each.
UPLOADS_LIMIT = 16
RETRY_MS = 5_000


class Allowances:
    """Who uploads how much. A file may have `limit_bytes`, all files of a person `quota_bytes`."""

    def __init__(self, limit_bytes: int, quota_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.quota_bytes = quota_bytes
        self._uploads: Counter[str] = Counter()
        self._coming_bytes: Counter[str] = Counter()

    @contextmanager
    def allow(self, user_id: str, used_bytes: int, announced_bytes: int | None) -> Iterator[int]:
        """Within it one upload may bring as many bytes as this yields; refused where there is no room for it."""
        room_bytes = self.quota_bytes - used_bytes - self._coming_bytes[user_id]
        allowed_bytes = min(self.limit_bytes, room_bytes)
        wanted_bytes = allowed_bytes if announced_bytes is None else announced_bytes
        if wanted_bytes > self.limit_bytes:
            raise TooLarge(f"a file may have {self.limit_bytes} bytes at most")
        if wanted_bytes > room_bytes or room_bytes < 0:
            raise QuotaReached
        if self._uploads[user_id] >= UPLOADS_LIMIT:
            raise LimitExceeded(f"{UPLOADS_LIMIT} files may come at the same time", retry_after_ms=RETRY_MS)
        self._uploads[user_id] += 1
        self._coming_bytes[user_id] += wanted_bytes
        try:
            yield allowed_bytes if announced_bytes is None else wanted_bytes
        except TooLarge:
            if allowed_bytes == self.limit_bytes:
                raise
            # What was not announced came to more than there was room for.
            raise QuotaReached from None
        finally:
            self._end(user_id, wanted_bytes)

    def _end(self, user_id: str, wanted_bytes: int) -> None:
        self._coming_bytes[user_id] -= wanted_bytes
        self._uploads[user_id] -= 1
        if not self._uploads[user_id]:
            del self._uploads[user_id], self._coming_bytes[user_id]
