"""Events as clients see them, built singly: with what they replace, what redacted them, and the viewer's own marks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import asyncpg
import msgspec
import orjson

from myelin.matrix.json import JsonObject
from myelin.rules.visibility import MembershipInterval, membership_after
from myelin.schema.queries import Queries
from myelin.sync.bundles import NOTHING, BundleReader, Bundles, Sight

Row: TypeAlias = Mapping[str, Any]
Memberships = Mapping[str, Sequence[MembershipInterval]]


class Viewer(msgspec.Struct, frozen=True):
    """Who looks, on which device."""

    user_id: str
    device_id: str


class Renderer:
    """Renders rows of events. `now_ms` is passed in, for `unsigned.age`."""

    def __init__(self, pool: asyncpg.Pool, queries: Queries, clock_ms: Callable[[], int]) -> None:
        self._pool = pool
        self._queries = queries
        self._clock_ms = clock_ms
        self._bundles = BundleReader(pool)

    async def render(
        self,
        rows: Sequence[Row],
        viewer: Viewer,
        memberships: Memberships,
        with_room_id: bool = True,
        sight: Sight | None = None,
    ) -> dict[int, bytes]:
        """Return the client events of these rows by position; with what relates to them as far as `sight` shows it."""
        replaced = await self._replaced(rows)
        redactions = await self._redactions(rows, with_room_id)
        # State events do not currently receive bundled aggregations.
        spoken = [row for row in rows if row["state_key"] is None]
        bundles = await self._bundles.of(spoken, sight) if sight is not None else NOTHING
        now_ms = self._clock_ms()

        def event(row: Row) -> JsonObject:
            marks = unsigned(row, viewer, memberships, now_ms, replaced, redactions)
            return client_event(row, with_room_id) | {"unsigned": marks}

        return {row["position"]: orjson.dumps(with_bundles(event(row), bundles, event)) for row in rows}

    async def _replaced(self, rows: Sequence[Row]) -> dict[int, Row]:
        states = [row for row in rows if row["state_key"] is not None and row["redacted_by"] is None]
        if not states:
            return {}
        columns = ([row[name] for row in states] for name in ("room_id", "type", "state_key", "position"))
        found = await self._pool.fetch(self._queries["replaced_states"], *columns)
        return {row["by_position"]: row for row in found}

    async def _redactions(self, rows: Sequence[Row], with_room_id: bool) -> dict[int, JsonObject]:
        positions = [row["redacted_by"] for row in rows if row["redacted_by"] is not None]
        if not positions:
            return {}
        found = await self._pool.fetch(self._queries["events_by_position"], positions)
        return {row["position"]: client_event(row, with_room_id) for row in found}


def with_bundles(event: JsonObject, bundles: Bundles, rendered: Callable[[Row], JsonObject]) -> JsonObject:
    """Return an event with what is bundled with it; the latest message of a thread comes with its own edit."""
    name = str(event["event_id"])
    found: JsonObject = {}
    if name in bundles.edits:
        found["m.replace"] = rendered(bundles.edits[name])
    if name in bundles.threads:
        thread = bundles.threads[name]
        latest = rendered(thread.latest)
        edit = bundles.edits.get(str(latest["event_id"]))
        if edit is not None:
            latest = with_relations(latest, {"m.replace": rendered(edit)})
        found["m.thread"] = {
            "latest_event": latest,
            "count": thread.count,
            "current_user_participated": thread.took_part,
        }
    if name in bundles.references:
        found["m.reference"] = {"chunk": [{"event_id": each} for each in bundles.references[name]]}
    return with_relations(event, found) if found else event


def with_relations(event: JsonObject, relations: JsonObject) -> JsonObject:
    marks = event["unsigned"]
    assert isinstance(marks, dict)
    return {**event, "unsigned": {**marks, "m.relations": relations}}


def client_event(row: Row, with_room_id: bool) -> JsonObject:
    """Return the event's fields as clients see them, without `unsigned`."""
    pdu = orjson.loads(row["body"])
    fields: JsonObject = {
        "content": pdu["content"],
        "event_id": row["event_id"],
        "origin_server_ts": pdu["origin_server_ts"],
        "sender": row["sender"],
        "type": pdu["type"],
    }
    if with_room_id:
        fields["room_id"] = row["room_id"]
    if row["state_key"] is not None:
        fields["state_key"] = row["state_key"]
    redacts = pdu["content"].get("redacts") or pdu.get("redacts")
    if pdu["type"] == "m.room.redaction" and redacts is not None:
        # Older clients look at the top level, newer ones into the content, whatever the room version (rooms/v11).
        fields |= {"redacts": redacts, "content": {**pdu["content"], "redacts": redacts}}
    return fields


def unsigned(
    row: Row,
    viewer: Viewer,
    memberships: Memberships,
    now_ms: int,
    replaced: Mapping[int, Row],
    redactions: Mapping[int, JsonObject],
) -> JsonObject:
    """Return what the server says about the event to this viewer."""
    fields: JsonObject = {"age": max(now_ms - row["at"], 0)}
    intervals = memberships.get(row["room_id"])
    if intervals is not None:
        fields["membership"] = membership_after(row["position"], intervals)
    if row["transaction"] is not None and (row["sender"], row["device_id"]) == (viewer.user_id, viewer.device_id):
        fields["transaction_id"] = transaction_id(row["transaction"])
    before = replaced.get(row["position"])
    if before is not None:
        fields |= {"replaces_state": before["event_id"], "prev_sender": before["sender"]}
        fields["prev_content"] = orjson.loads(before["body"])["content"]
    because = redactions.get(row["redacted_by"]) if row["redacted_by"] is not None else None
    if because is not None:
        fields |= {"redacted_because": because, "redacted_by": because["event_id"]}
    return fields


def transaction_id(transaction: str) -> str:
    """Return the client's txnId from an entry's transaction: what follows the endpoint and its parameters."""
    return transaction.split("/", 2)[2]
