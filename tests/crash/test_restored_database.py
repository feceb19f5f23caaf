"""A database that was restored to an earlier moment: what came after it is gone, and clients still miss nothing.

李医生 and 王护士 hold tokens of a future that never was.
"""

from __future__ import annotations

import random
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import asyncpg
import pytest

from tests.crash.devices import Device, is_whole, texts
from tests.crash.logs import check_entries, check_whole
from tests.crash.servers import Server, connected, until
from tests.crash.wire import Json
from tests.databases import new_database

MALFORMED = ("", "x", "-1", "1.2", "1.0.10.0.tag.more", "1.0.ten.0.tag", "1.0.10..tag", "9" * 40, "1.0.10.a_b.tag")


async def test_tokens_of_a_lost_future_get_a_full_answer(postgres_url: str, tmp_path: Path) -> None:
    url = await new_database(postgres_url)
    with Server(tmp_path / "data", url) as server:
        await server.start()
        li, wang = await people(server)
        rooms = [await li.create_room(wang) for _ in range(2)]
        for room_id in rooms:
            await li.say(room_id, "before")
        known = (await wang.sync())["next_batch"]
        await server.stop()
        earlier = await new_database(postgres_url, template=name_of(url))

        await server.start()
        await li.say(rooms[0], "lost")
        lost = (await wang.sync(known))["next_batch"]
        gone = await signed_in_again(wang)
        await server.stop()

        server.use(earlier)
        await server.start()
        recorded = await deliveries_of(earlier, wang)
        # The log ends before the token's position, then goes through it with another entry.
        assert_full(await wang.sync(lost), rooms)
        for number in range(12):
            await li.say(rooms[0], f"after {number}")
        answer = await wang.sync(lost)
        assert_full(answer, rooms)
        await assert_nothing_missed(wang, answer, rooms)
        # A token of the time before is as good as ever, and what goes on from here is recorded.
        assert not whole_rooms(await wang.sync(known))
        await li.say(rooms[1], "heard")
        heard = await wang.sync(answer["next_batch"])
        assert texts(heard["rooms"]["join"][rooms[1]]["timeline"]["events"]) == ["heard"]
        await wang.sync(heard["next_batch"])
        await assert_only_the_rest_is_recorded(earlier, wang, recorded)
        assert (await gone.ask("GET", "/sync")).errcode == "M_UNKNOWN_TOKEN"
        assert await server.stop() == 0
        async with connected(earlier) as connection:
            await check_entries(connection)
        await check_whole(earlier)


async def people(server: Server) -> tuple[Device, Device]:
    li, wang = Device([server.port], random.Random(2)), Device([server.port], random.Random(2))
    await li.register("li")
    await wang.register("wang")
    return li, wang


async def signed_in_again(device: Device) -> Device:
    """The same person on another device."""
    identifier = {"type": "m.id.user", "user": device.user_id}
    body = {"type": "m.login.password", "identifier": identifier, "password": "password of wang"}
    other = Device(device.ports, device.chance)
    other.token = (await other.insist("POST", "/login", body))["access_token"]
    other.hang_up()
    return other


def name_of(url: str) -> str:
    return urlsplit(url).path[1:]


def whole_rooms(answer: Json) -> set[str]:
    return {room_id for room_id, room in answer.get("rooms", {}).get("join", {}).items() if is_whole(room)}


def assert_full(answer: Json, rooms: list[str]) -> None:
    """All rooms with all of their state, and every timeline limited: the client drops what it had."""
    joined = answer["rooms"]["join"]
    assert joined.keys() == set(rooms)
    for room in joined.values():
        events = [*room["state"]["events"], *room["timeline"]["events"]]
        assert "m.room.create" in {event["type"] for event in events}
        assert room["timeline"]["limited"] is True


async def assert_nothing_missed(device: Device, answer: Json, rooms: list[str]) -> None:
    expected = {rooms[0]: ["before", *(f"after {number}" for number in range(12))], rooms[1]: ["before"]}
    for room_id, timeline in ((room_id, answer["rooms"]["join"][room_id]["timeline"]) for room_id in rooms):
        past = await device.messages_before(room_id, timeline["prev_batch"])
        assert texts([*past, *timeline["events"]]) == expected[room_id]


async def deliveries_of(url: str, device: Device) -> list[asyncpg.Record]:
    """What is recorded as delivered to a device, by the position after which it began."""
    async with connected(url) as connection:
        number = await connection.fetchval(
            "SELECT number FROM projections.devices WHERE user_id = $1 AND device_id = $2",
            device.user_id,
            device.device_id,
        )
        rows: list[asyncpg.Record] = await connection.fetch(
            "SELECT * FROM projections.deliveries WHERE device_number = $1 ORDER BY from_position", number
        )
        return rows


async def assert_only_the_rest_is_recorded(url: str, device: Device, before: list[asyncpg.Record]) -> None:
    """The deliveries of the verified tokens come; none of the lost ones came with them or before."""
    found: list[asyncpg.Record] = []

    async def came() -> bool:
        found[:] = [row for row in await deliveries_of(url, device) if row not in before]
        return bool(found)

    await until(came, "what was delivered is recorded")
    async with connected(url) as connection:
        heard = await connection.fetchval("SELECT max(position) FROM log.entries WHERE kind = 'event'")
    assert heard in [row["to_position"] for row in found]


@pytest.mark.parametrize("token", MALFORMED)
async def test_malformed_tokens_are_refused(myelin_url: str, token: str) -> None:
    port = urlsplit(myelin_url).port
    assert port is not None
    wang = Device([port], random.Random())
    await wang.register(f"wang-{random.SystemRandom().getrandbits(40):x}")
    answer = await wang.ask("GET", f"/sync?{urlencode({'since': token})}")
    assert (answer.status, answer.errcode) == (400, "M_INVALID_PARAM")
    wang.hang_up()


async def test_a_running_server_whose_log_went_back_ends(postgres_url: str, tmp_path: Path) -> None:
    url = await new_database(postgres_url)
    with Server(tmp_path / "data", url) as server:
        await server.start()
        li, wang = await people(server)
        room_id = await li.create_room(wang)
        await server.stop()
        earlier = await new_database(postgres_url, template=name_of(url))
        await server.start()
        await li.say(room_id, "lost")
        since = (await wang.sync())["next_batch"]
        await put_in_place_of(postgres_url, name_of(url), name_of(earlier))
        # It cannot know what it had said of the lost entries: it ends, and whoever watches it starts it again.
        assert await server.ended() != 0
        assert "restored to an earlier moment" in server.output()
        await server.start()
        assert_full(await wang.sync(since), [room_id])
        assert await li.say(room_id, "after")
        assert await server.stop() == 0


async def put_in_place_of(postgres_url: str, name: str, other: str) -> None:
    """Let another database have this one's name, as a restore under a running server does."""
    async with connected(postgres_url) as connection:
        await connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        await connection.execute(f'ALTER DATABASE "{name}" RENAME TO "{name}_gone"')
        await connection.execute(f'ALTER DATABASE "{other}" RENAME TO "{name}"')
