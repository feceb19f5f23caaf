"""An independent look at the whole log: what no crash may have left behind."""

from __future__ import annotations

import base64
import hashlib
import json

import asyncpg

from myelin.audit.check import check_log

ENVELOPE = ("at", "device_id", "event_id", "kind", "position", "room_id", "sender", "transaction", "version")


async def check_entries(connection: asyncpg.Connection) -> int:
    """Positions without a gap, event ids and transactions once, leaves as DESIGN says; how many entries there are."""
    rows = await connection.fetch("SELECT * FROM log.entries ORDER BY position")
    assert [row["position"] for row in rows] == list(range(len(rows)))
    event_ids = [row["event_id"] for row in rows if row["event_id"] is not None]
    assert len(event_ids) == len(set(event_ids))
    transactions = [
        (row["sender"], row["device_id"], row["room_id"], row["transaction"]) for row in rows if row["transaction"]
    ]
    assert len(transactions) == len(set(transactions))
    for row in rows:
        assert row["leaf"] == leaf(row), f"the leaf at {row['position']} does not fit its envelope"
    return len(rows)


def leaf(row: asyncpg.Record) -> bytes:
    """H(0x00, canonical JSON of the envelope)."""
    envelope = {name: row[name] for name in ENVELOPE}
    envelope |= {"facts": json.loads(row["facts"]), "commitment": base64.b64encode(row["commitment"]).decode()}
    canonical = json.dumps(envelope, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(b"\x00" + canonical.encode()).digest()


async def check_whole(database_url: str) -> None:
    """What `myelin log check` says of the log: nothing."""
    report = await check_log(database_url)
    assert report.is_whole, report.lines()


async def messages_of(connection: asyncpg.Connection, room_id: str) -> list[tuple[str, str]]:
    """The event ids and texts of a room's messages in the order of the log."""
    rows = await connection.fetch(
        "SELECT event_id, body FROM log.entries WHERE room_id = $1 AND kind = 'event' ORDER BY position", room_id
    )
    events = [(row["event_id"], json.loads(row["body"])) for row in rows]
    return [(event_id, body["content"]["body"]) for event_id, body in events if body["type"] == "m.room.message"]
