"""What is wrong with a file, told by its lines: whoever made it must be able to mend it."""

from __future__ import annotations

import msgspec

SHOWN = 20


class Fault(msgspec.Struct, frozen=True, order=True):
    """One thing that is wrong; line 0 is the file as a whole."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}" if self.line else self.reason


class FaultyFile(Exception):
    """A file that is refused, whole, with every reason that was found."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(faults)
        lines = [str(fault) for fault in self.faults[:SHOWN]]
        if len(self.faults) > SHOWN:
            lines.append(f"and {len(self.faults) - SHOWN} more")
        super().__init__("the file is refused, nothing was changed:\n  " + "\n  ".join(lines))
