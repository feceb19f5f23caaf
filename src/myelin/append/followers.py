"""Who follows the log from memory's side: told of every entry, own or another process's, right after it is folded."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from myelin.entries.entry import Entry

Follower = Callable[[Sequence[Entry]], None]


class Followers:
    """Tells each follower in the order in which they were added. A follower neither waits nor fails."""

    def __init__(self) -> None:
        self._followers: list[Follower] = []

    def add(self, *followers: Follower) -> None:
        """Have followers told of what comes from now on."""
        self._followers.extend(followers)

    def published(self, entries: Sequence[Entry]) -> None:
        """Tell all of entries, in the order of the log."""
        for follower in self._followers:
            follower(entries)
