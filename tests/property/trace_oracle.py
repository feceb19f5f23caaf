"""The trace of a message by definition: told entry by entry over the whole log. Slow and plain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from myelin.entries import facts as kinds
from myelin.entries.entry import Entry
from myelin.entries.items import Delivery, Receipt


def trace(log: Sequence[Entry], event_id: str, asker: str) -> dict[str, Any]:
    """Return the trace of an event as the endpoint should give it."""
    entry = next(entry for entry in log if entry.event_id == event_id)
    members = {user: state for user, state in memberships(log, entry).items() if user != entry.sender}
    return {
        "event_id": event_id,
        "sender": entry.sender,
        "device_id": entry.device_id,
        "accepted_at": entry.at,
        "recipients": [
            {
                "user_id": user_id,
                "state": {"join": "joined", "invite": "invited"}[members[user_id]],
                "no_device": not any(
                    has_keys(log, user_id, device, entry.position) for device in devices(log, user_id)
                ),
                "delivered": delivered(log, entry, user_id, asker),
                "read": read(log, entry, user_id, asker),
            }
            for user_id in sorted(user_id for user_id, state in members.items() if state in ("join", "invite"))
        ],
    }


def memberships(log: Sequence[Entry], at: Entry) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in log[: at.position + 1]:
        event = entry.event
        if event is not None and event.room_id == at.room_id and event.membership and event.state_key:
            found[event.state_key] = event.membership
    return found


def devices(log: Sequence[Entry], user_id: str) -> Iterator[Entry]:
    return (entry for entry in log if isinstance(entry.facts, kinds.DeviceAdded) and entry.sender == user_id)


def has_keys(log: Sequence[Entry], user_id: str, device: Entry, position: int) -> bool:
    """Whether a device was there and had keys at a position."""
    keys = False
    for entry in log[device.position : position + 1]:
        if (entry.sender, entry.device_id) != (user_id, device.device_id):
            continue
        if isinstance(entry.facts, kinds.DeviceRemoved):
            return False
        keys = keys or isinstance(entry.facts, kinds.DeviceKeysSet)
    return keys


def delivered(log: Sequence[Entry], at: Entry, user_id: str, asker: str) -> list[dict[str, Any]]:
    number = next(entry.position for entry in log if entry.room_id == at.room_id)
    first: dict[str, int] = {}
    for device in devices(log, user_id):
        for item in (item for entry in log for item in entry.items):
            if isinstance(item, Delivery):
                is_it = (item.device_number, item.room_number) == (device.position, number)
                is_it = is_it and item.from_position < at.position <= item.to_position
            else:
                is_it = (item.user_id, item.device_id, item.event_id) == (user_id, device.device_id, at.event_id)
                is_it = is_it and may_see(item, asker)
            if is_it:
                name = str(device.device_id)
                first[name] = min(first.get(name, item.at), item.at)
    return [{"device_id": name, "at": moment} for name, moment in sorted(first.items(), key=lambda one: one[::-1])]


def read(log: Sequence[Entry], at: Entry, user_id: str, asker: str) -> dict[str, int] | None:
    assert isinstance(at.facts, kinds.EventAppended)
    for item in (item for entry in log for item in entry.items):
        if not isinstance(item, Receipt) or (item.user_id, item.room_id) != (user_id, at.room_id):
            continue
        in_thread = item.thread in (None, at.facts.thread or "main") or item.event_id == at.event_id
        if item.read_position >= at.position and in_thread and may_see(item, asker):
            return {"at": item.at}
    return None


def may_see(receipt: Receipt, asker: str) -> bool:
    return not receipt.private or receipt.user_id == asker
