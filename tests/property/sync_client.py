"""A client that believes what `/sync` tells it and nothing else: what it knows must be what is so.

Owns how an answer changes a client's picture of its rooms, as the specification asks of clients. Knows no server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Event = dict[str, Any]
StateKey = tuple[str, str]


@dataclass
class Segment:
    """Events without a gap between them; before the first there may be more, after `prev_batch` and up to `since`."""

    events: list[str]
    prev_batch: str | None = None
    since: str | None = None


@dataclass
class ClientRoom:
    """What a client knows of a room that it believes to be in."""

    segments: list[Segment] = field(default_factory=list)
    state: dict[StateKey, str] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    receipts: dict[tuple[str, str, str | None], str] = field(default_factory=dict)
    account_data: dict[str, Event] = field(default_factory=dict)
    counts: tuple[int, int] = (0, 0)


@dataclass
class Client:
    """What one device knows, and where it stands. `state_name` is where it asks for state."""

    state_name: str = "state"
    is_lazy: bool = False
    since: str | None = None
    rooms: dict[str, ClientRoom] = field(default_factory=dict)
    invited: set[str] = field(default_factory=set)
    account_data: dict[str, Event] = field(default_factory=dict)

    def take(self, answer: Mapping[str, Any]) -> None:
        """Believe an answer to a request made with `since`."""
        sections = answer.get("rooms", {})
        for room_id, part in sections.get("join", {}).items():
            self._join(room_id, part)
        for room_id in sections.get("invite", {}):
            self._leave(room_id)
            self.invited.add(room_id)
        for room_id in (*sections.get("leave", {}), *sections.get("knock", {})):
            self._leave(room_id)
        for event in answer.get("account_data", {}).get("events", ()):
            self.account_data[event["type"]] = event["content"]
        self.since = answer["next_batch"]

    def _leave(self, room_id: str) -> None:
        self.rooms.pop(room_id, None)
        self.invited.discard(room_id)

    def _join(self, room_id: str, part: Mapping[str, Any]) -> None:
        self.invited.discard(room_id)
        is_new = room_id not in self.rooms
        room = self.rooms.setdefault(room_id, ClientRoom())
        self._take_timeline(room, part["timeline"], is_new)
        self._take_state(room, part)
        room.summary |= part["summary"]
        for event in part["account_data"]["events"]:
            room.account_data[event["type"]] = event["content"]
        for event in part["ephemeral"]["events"]:
            if event["type"] == "m.receipt":
                take_receipts(room, event["content"])
        unread = part["unread_notifications"]
        room.counts = (unread["notification_count"], unread["highlight_count"])

    def _take_timeline(self, room: ClientRoom, timeline: Mapping[str, Any], is_new: bool) -> None:
        events = [event["event_id"] for event in timeline["events"]]
        if is_new or timeline["limited"]:
            room.segments.append(Segment(events, timeline["prev_batch"], None if is_new else self.since))
        else:
            room.segments[-1].events += events

    def _take_state(self, room: ClientRoom, part: Mapping[str, Any]) -> None:
        assert ("state" in part) == (self.state_name == "state")
        of_timeline = [event for event in part["timeline"]["events"] if "state_key" in event]
        changes = part[self.state_name]["events"] + (of_timeline if self.state_name == "state" else [])
        for event in changes:
            room.state[event["type"], event["state_key"]] = event["event_id"]
        for event in part["timeline"]["events"]:
            # A client must be able to show who said it.
            assert ("m.room.member", event["sender"]) in room.state, f"nobody knows the sender of {event['type']}"


def take_receipts(room: ClientRoom, content: Mapping[str, Any]) -> None:
    for event_id, kinds in content.items():
        for kind, people in kinds.items():
            for user_id, receipt in people.items():
                room.receipts[user_id, kind, receipt.get("thread_id")] = event_id
