"""What leaves the server with a push: by default that something came, and how much waits. Never what it says."""

from __future__ import annotations

import orjson

from myelin.matrix.json import JsonObject
from myelin.push.notes import Names, Note
from myelin.stores.pushers import Pusher


def notification(note: Note | None, unread: int, names: Names | None) -> JsonObject:
    """Return what a push says of an event, or (None) of the badge alone; with `names` who sent it, and where."""
    fields: JsonObject = {"counts": {"unread": unread} if unread else {}, "prio": "low" if note is None else "high"}
    if note is not None:
        fields |= {"event_id": note.event_id, "room_id": note.room_id}
    if note is not None and names is not None:
        fields |= {"type": note.type, "sender": note.sender}
        fields |= {name: value for name in names.__struct_fields__ if (value := getattr(names, name)) is not None}
    return fields


def gateway_body(pusher: Pusher, note: Note | None, unread: int, names: Names | None) -> bytes:
    """Return the body of `POST /_matrix/push/v1/notify` (push gateway API)."""
    device: JsonObject = {
        "app_id": pusher.app_id,
        "pushkey": pusher.pushkey,
        "pushkey_ts": pusher.set_at // 1000,
        # The entire content of data, but for the url.
        "data": {name: value for name, value in pusher.data.items() if name != "url"},
    }
    if note is not None and note.tweaks:
        device["tweaks"] = dict(note.tweaks)
    return orjson.dumps({"notification": {**notification(note, unread, names), "devices": [device]}})


def browser_body(pusher: Pusher, note: Note | None, unread: int, names: Names | None) -> bytes:
    """Return what a browser's service worker is given: the notification, on top of what the client asked to be told."""
    fields = pusher.data.get("default_payload")
    return orjson.dumps((fields if isinstance(fields, dict) else {}) | notification(note, unread, names))
