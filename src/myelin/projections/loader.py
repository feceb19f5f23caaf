"""Rooms, people and events read back from the projections, as the fold left them."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import msgspec
from msgspec.structs import replace

from myelin.entries.entry import Entry
from myelin.entries.facts import PersonSet
from myelin.entries.rows import entry_from_row
from myelin.matrix.events import Event
from myelin.projections.acknowledgements import Acknowledgements
from myelin.schema.queries import Queries, load_queries
from myelin.state.acknowledgement import Acknowledgement
from myelin.state.alias import Alias
from myelin.state.kinship import Kinship
from myelin.state.room import Member, ReadPoints, Room, StateRef
from myelin.state.room_fold import STATE_PARSERS, create_room
from myelin.state.user import Device, Post, User, UserRoom
from myelin.state.user_fold import ACCOUNT_DATA_PARSERS, PUSH_RULES, post_of


class ProjectionLoader:
    """See `myelin.append.loading.Loader`. Each reading is one snapshot, with the head that it counts."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("myelin.projections")
        self._acknowledgements = Acknowledgements(pool)

    async def room(self, room_id: str) -> Room | None:
        """Return a room, None where there is none."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            return await load_room(connection, self._queries, room_id)

    async def user(self, user_id: str) -> User | None:
        """Return a person, None where there is no such account."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            as_of = await connection.fetchval(self._queries["head"])
            account = await connection.fetchrow(self._queries["account"], user_id)
            if account is None:
                return None
            rooms = await connection.fetch(self._queries["rooms_of_user"], user_id)
            devices = await connection.fetch(self._queries["devices_of_user"], user_id)
            person = await connection.fetchrow(self._queries["person_of_user"], user_id)
            profile = await connection.fetch(self._queries["profile_of_user"], user_id)
            settings = await connection.fetch(self._queries["parsed_account_data"], user_id, list(ACCOUNT_DATA_PARSERS))
            positions = await connection.fetchrow(self._queries["positions_of_user"], user_id)
            pending_media = await connection.fetch(self._queries["pending_media"], user_id)
            media_bytes = await connection.fetchval(self._queries["media_bytes"], user_id)
        fields = {row["field"]: msgspec.json.decode(row["body"]) for row in profile}
        user = User(
            user_id=user_id,
            number=account["number"],
            account=account["account"],
            active=account["active"],
            displayname=fields.get("displayname"),
            avatar_url=fields.get("avatar_url"),
            post=employed(entry_from_row(person)) if person is not None else stationed(account["department_id"]),
            devices={row["device_id"]: device_of(row) for row in devices},
            rooms={row["room_id"]: user_room_of(row) for row in rooms},
            pending_media={row["media_id"]: row["expires_at"] for row in pending_media},
            media_bytes=media_bytes,
            rooms_position=max((row["position"] for row in rooms), default=-1),
            cross_signing_position=positions["cross_signing_position"],
            account_data_position=positions["account_data_position"],
            activation_position=positions["activation_position"],
            as_of=as_of,
        )
        for row in settings:
            user = ACCOUNT_DATA_PARSERS[row["type"]](user, msgspec.json.decode(row["body"]))
            if row["type"] == PUSH_RULES:
                user = replace(user, push_rules_position=row["position"])
        return user

    async def events(self, event_ids: Sequence[str]) -> dict[str, Entry]:
        """Return the entries of these events as they read now."""
        rows = await self._pool.fetch(self._queries["entries_of_events"], event_ids)
        return {row["event_id"]: entry_from_row(row) for row in rows}

    async def aliases(self, aliases: Sequence[str]) -> dict[str, Alias]:
        """Return where these aliases lead, as far as they lead anywhere."""
        rows = await self._pool.fetch(self._queries["aliases"], aliases)
        return {row["alias"]: Alias(row["room_id"], row["creator"]) for row in rows}

    async def designated_rooms(self, designations: Sequence[str]) -> dict[str, str]:
        """Return the rooms that serve these purposes, as far as there are any."""
        rows = await self._pool.fetch(self._queries["designated_rooms"], designations)
        return {row["designation"]: row["room_id"] for row in rows}

    async def acknowledgements(self, event_ids: Sequence[str]) -> dict[str, Acknowledgement]:
        """Return what is known of the acknowledgement of each of these events."""
        return await self._acknowledgements.of(event_ids)

    async def children(self, wanted: Sequence[Kinship]) -> dict[Kinship, list[Entry]]:
        """Return what people have sent that relates to events in these ways, and is not redacted."""
        found: dict[Kinship, list[Entry]] = {kinship: [] for kinship in wanted}
        columns = ([getattr(kinship, name) for kinship in found] for name in ("event_id", "rel_type", "sender"))
        for row in await self._pool.fetch(self._queries["children"], *columns):
            found[Kinship(row["relates_to"], row["rel_type"], row["sender"])].append(entry_from_row(row))
        return found

    async def answers(self, keys: Sequence[bytes]) -> dict[bytes, str]:
        """Return the event ids ("" for other kinds) by idempotency key."""
        rows = await self._pool.fetch(self._queries["answers"], keys)
        return {row["transaction_key"]: row["event_id"] for row in rows}


def employed(entry: Entry) -> Post | None:
    """Return the place in the hospital that an entry gives a person."""
    return post_of(entry.facts) if isinstance(entry.facts, PersonSet) else None


def stationed(department_id: str | None) -> Post | None:
    """Return the place of a station, None for whoever is none."""
    return Post(department_id, "") if department_id is not None else None


async def load_room(connection: asyncpg.Connection, queries: Queries, room_id: str) -> Room | None:
    """Return a room as the tables that the connection's search path names have it, None where there is none.

    One snapshot is asked for: call it in a transaction that repeats its reads.
    """
    as_of = await connection.fetchval(queries["head"])
    create = await connection.fetchrow(queries["create_entry"], room_id)
    if create is None:
        return None
    latest = await connection.fetchrow(queries["latest_event"], room_id)
    state = await connection.fetch(queries["current_state"], room_id)
    members = await connection.fetch(queries["current_members"], room_id)
    parsed = await connection.fetch(queries["parsed_state"], room_id, list(STATE_PARSERS))
    receipts = await connection.fetch(queries["read_points"], room_id)
    room = create_room(event_of(entry_from_row(create)), create["position"])[0]
    room = with_state(room, parsed)
    last = event_of(entry_from_row(latest))
    return replace(
        room,
        state={(row["type"], row["state_key"]): StateRef(row["event_id"], row["position"]) for row in state},
        members={row["user_id"]: member_of(row) for row in members},
        reads=read_points(receipts),
        latest_event_id=last.event_id,
        depth=last.depth,
        position=latest["position"],
        as_of=as_of,
    )


def event_of(entry: Entry) -> Event:
    assert entry.event is not None
    return entry.event


def with_state(room: Room, rows: Sequence[asyncpg.Record]) -> Room:
    """Return the room with its authorisation facts parsed from the state that holds them."""
    for row in rows:
        event = event_of(entry_from_row(row))
        room = STATE_PARSERS[event.type](room, event.content)
    return room


def member_of(row: asyncpg.Record) -> Member:
    return Member(row["membership"], row["event_id"], row["position"], row["from_position"])


def user_room_of(row: asyncpg.Record) -> UserRoom:
    return UserRoom(row["membership"], row["from_position"], row["position"], row["forgotten"])


def device_of(row: asyncpg.Record) -> Device:
    latest = row["to_device_position"]
    return Device(row["number"], row["keys_position"], latest, latest, row["dehydrated"])


def read_points(rows: Sequence[asyncpg.Record]) -> dict[str, ReadPoints]:
    """Return how far everybody has read, from their latest receipts."""
    points: dict[str, ReadPoints] = {}
    for row in rows:
        before = points.get(row["user_id"]) or ReadPoints()
        points[row["user_id"]] = before.moved(row["thread"] or None, row["read_position"])
    return points
