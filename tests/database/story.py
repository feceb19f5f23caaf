"""A short log in which everything that can be damaged happens once, and the ways to damage it."""

from collections.abc import Callable

import asyncpg
from msgspec.structs import replace

from myelin.actions.create_room import NewRoom, create_room
from myelin.actions.erase import erase
from myelin.actions.members import join_room
from myelin.actions.redact import redact
from myelin.actions.send_event import send_event
from myelin.actions.sender import Sender
from myelin.append.collector import record_receipts
from myelin.append.room_events import NewEvent, draft_event, event_facts
from myelin.audit.report import Report
from myelin.audit.seals import envelope_of
from myelin.entries.entry import Draft, envelope_leaf, seal
from myelin.entries.facts import AccountCreated, AccountDataSet, DeviceAdded
from myelin.entries.items import Receipt
from myelin.entries.rows import AppendedRow, appended_row
from myelin.log.log import Head, Log
from myelin.matrix.events import EventDraft, build
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import room_version
from myelin.matrix.signing import SigningKey
from myelin.stores.server_secrets import signing_key
from tests.database.logs import BEGIN_MS, begin_again, open_log
from tests.servers import SERVER_NAME

WANG, LI = (Sender(f"@{name}:{SERVER_NAME}", "WARD") for name in ("wang", "li"))


class Story(dict[str, int]):
    """The positions of what happened, by name."""

    def named(self, text: str) -> str:
        """The text with each {name} replaced by its position."""
        return text.format_map(self)


async def tell(url: str) -> Story:
    """A short log in which everything that can be damaged happens once."""
    story = Story()
    async with open_log(url) as log:
        for person in (WANG, LI):
            created = Draft(facts=AccountCreated(), sender=person.user_id)
            device = Draft(facts=DeviceAdded("m.login.password"), sender=person.user_id, device_id=person.device_id)
            await log.emit(created, device)
        new = NewRoom(version=room_version("11"), preset="public_chat")
        room_id = await log.pool.submit(create_room(WANG, new))
        story["create"] = 5
        await log.pool.submit(join_room(LI, room_id))
        story["join"] = log.memory.head
        events = {}
        for name in ("first", "second", "redacted", "erased"):
            content: JsonObject = {"msgtype": "m.text", "body": f"the {name} note"}
            events[name] = await log.pool.submit(send_event(WANG, room_id, "m.room.message", content, name))
            story[name] = log.memory.head
        event_id = events["redacted"]
        await log.pool.submit(redact(WANG, room_id, event_id, {}, f"redact/{event_id}/1"))
        story["redaction"] = log.memory.head
        receipt = Receipt(LI.user_id, LI.device_id, room_id, events["first"], story["first"], BEGIN_MS)
        await log.pool.submit(record_receipts((receipt,)))
        story["receipts"] = log.memory.head
        for name in ("superseded", "account_data"):
            facts = AccountDataSet("org.example.draft")
            await log.emit(Draft(facts=facts, body=b'{"a":1}', sender=WANG.user_id, device_id=WANG.device_id))
            story[name] = log.memory.head
        for name in ("erased", "superseded"):
            story[f"erasure_of_{name}"] = await log.pool.submit(erase([await log.entry(story[name])], "a test"))
        story["last"] = log.memory.head
    return story


async def tamper(url: str, *statements: str) -> None:
    """Change the database as its superuser can, with triggers out of action."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica; SET search_path = projections, log, stores")
        for statement in statements:
            assert not (await connection.execute(statement)).endswith(" 0"), f"nothing was damaged by {statement}"
    finally:
        await connection.close()


async def seal_anew(url: str, *positions: int) -> None:
    """Give entries leaves that fit their envelopes, as a careful forger does."""
    connection = await asyncpg.connect(url)
    try:
        for position in positions:
            row = await connection.fetchrow("SELECT * FROM log.entries WHERE position = $1", position)
            leaf = envelope_leaf(envelope_of(row))
            await connection.execute("SET session_replication_role = replica")
            await connection.execute("UPDATE log.entries SET leaf = $2 WHERE position = $1", position, leaf)
    finally:
        await connection.close()


def found(report: Report, position: int, what: str) -> bool:
    return any(fault.position == position and what in fault.what for fault in report.faults)


def unchanged(row: AppendedRow) -> AppendedRow:
    return row


async def forge(
    url: str,
    draft: Callable[[EventDraft], EventDraft],
    new: NewEvent,
    key: SigningKey | None = None,
    row: Callable[[AppendedRow], AppendedRow] = unchanged,
) -> int:
    """Append an event that the server would not have appended, sealed and projected as it does; return its position."""
    async with begin_again(url) as log:
        room_id: str = await log.reads.fetchval("SELECT room_id FROM rooms")
        room = await log.loading.room(room_id)
        assert room is not None
        own = key or await signing_key(log.reads, lambda size: b"", 0)
        event = draft(draft_event(new, room_id, room, log.memory.latest_at))
        built = build(event, room.version, own, SERVER_NAME, b"n" * 16)
        sealed = Draft(
            facts=event_facts(built.event, room),
            body=built.body,
            room_id=room_id,
            sender=new.sender,
            transaction=new.transaction,
            device_id=new.device_id,
            event=built.event,
        )
        entry = seal(sealed, log.memory.head + 1, log.memory.latest_at, b"s" * 32)
        head = Head(log.memory.head, log.memory.leaf(log.memory.head))
        await Log(log.reads).append(head, [row(appended_row(entry))], None, False)
        return entry.position


def moved(**changes: object) -> Callable[[EventDraft], EventDraft]:
    """An event that says something else of its place than what is so."""
    return lambda draft: replace(draft, **changes)


def note(sender: str = WANG.user_id, transaction: str | None = None) -> NewEvent:
    content: JsonObject = {"msgtype": "m.text", "body": "forged"}
    device_id = WANG.device_id if transaction else None
    return NewEvent(type="m.room.message", sender=sender, content=content, transaction=transaction, device_id=device_id)
