"""What a check of the log found."""

from __future__ import annotations

import msgspec

from myelin.matrix.identifiers import encode_base64

FAULTS_LIMIT = 1000


class Fault(msgspec.Struct, frozen=True, gc=False):
    """What is wrong with the entry at a position, or with a row that it made. Never any content."""

    position: int
    what: str

    def __str__(self) -> str:
        return f"position {self.position}: {self.what}"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The size of the log, the root of its tree (RFC 6962), and the faults: all counted, the first ones named."""

    size: int
    root: bytes
    faults: tuple[Fault, ...] = ()
    fault_count: int = 0

    @property
    def is_whole(self) -> bool:
        return self.fault_count == 0

    def lines(self) -> list[str]:
        """Return the report as it is printed."""
        if self.is_whole:
            return [f"{self.size} entries, root {encode_base64(self.root)}"]
        more = self.fault_count - len(self.faults)
        rest = [f"and {more} faults more"] if more else []
        return [*map(str, self.faults), *rest]


class Faults:
    """Counts faults and keeps the first ones."""

    def __init__(self) -> None:
        self.count = 0
        self.kept: list[Fault] = []

    def add(self, position: int, what: str, count: int = 1) -> None:
        """Note one fault, or one of several alike of which the others are only counted."""
        self.count += count
        if len(self.kept) < FAULTS_LIMIT:
            self.kept.append(Fault(position, what))
