"""What one person has sent that relates to an event in one way."""

from __future__ import annotations

import msgspec

from myelin.entries.entry import Entry
from myelin.entries.facts import EventAppended


class Kinship(msgspec.Struct, frozen=True):
    """Whose child events of which event, by how they relate to it."""

    event_id: str
    rel_type: str
    sender: str

    def covers(self, entry: Entry) -> bool:
        """Whether an entry is such an event."""
        facts = entry.facts
        return (
            isinstance(facts, EventAppended)
            and facts.relates_to == self.event_id
            and facts.rel_type == self.rel_type
            and entry.sender == self.sender
        )
