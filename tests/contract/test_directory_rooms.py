"""The rooms that follow the hospital's directory, and the services of the hospital."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from tests.contract.conftest import Homeserver
from tests.contract.contract import Contract, Records
from tests.contract.hospital import LISTED, Hospital, hospital
from tests.contract.keys import DeviceKeys
from tests.contract.own import own
from tests.contract.people import Account, Event, bodies, identifier, joined, timeline
from tests.databases import new_database
from tests.servers import SERVER_NAME

pytestmark = pytest.mark.skipif("MYELIN_TEST_URL" in os.environ, reason="needs a server with a directory")

KIND = "org.myelin.room"
HAND = f"@_myelin:{SERVER_NAME}"
LAB = f"@_lab:{SERVER_NAME}"
WAITS_S = 20.0
STAFF = LISTED + "0106,王甲,内科系统/心内科,护士,护,8006,重症医学科:护士\n"
NAMES = '{"room": {"state": {"types": ["m.room.name"]}, "timeline": {"types": ["m.room.name"]}}}'


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[Hospital]:
    database_url = asyncio.run(new_database(postgres_url))
    wishes = {"announcements": "公告", "announcers": "0105", "create_groups": "医,_lab", "rate_limits": "true"}
    with hospital(tmp_path_factory.mktemp("ward"), database_url, **wishes) as ward:
        ward.import_people(STAFF)
        ward.command("service", "add", "lab", "--title", "检验科", "--password-stdin", stdin="lab's password\n")
        yield ward


@pytest.fixture
async def server(ward: Hospital, unused: Iterator[str], records: Records | None) -> AsyncIterator[Homeserver]:
    async with httpx.AsyncClient(base_url=ward.url, timeout=60) as http:
        yield Homeserver(ward.url, Contract(http, records), unused)


async def signed_in(server: Homeserver, name: str, password: str) -> Account:
    body = {"type": "m.login.password", "identifier": identifier(name), "password": password}
    return server.account(await server.call("login", body=body), password)


async def with_keys(ward: Hospital, server: Homeserver, number: str) -> Account:
    """A person on a device that has published its keys."""
    account = await signed_in(server, number, ward.give_password(number))
    keys = DeviceKeys(account.user_id, account.device_id)
    await account.call("uploadKeys", body={"device_keys": keys.identity()})
    return account


@pytest.fixture
async def lab(server: Homeserver) -> Account:
    return await signed_in(server, LAB, "lab's password")


def of(number: str) -> str:
    return f"@{number}:{SERVER_NAME}"


async def rooms_of(account: Account) -> dict[str, str]:
    """The rooms that somebody is in, by name."""
    ids = (await account.call("getJoinedRooms"))["joined_rooms"]
    synced = (await account.sync(filter=NAMES))["rooms"]["join"]
    events = {room: synced[room]["state"]["events"] + synced[room]["timeline"]["events"] for room in ids}
    return {of_one[-1]["content"]["name"]: room for room, of_one in events.items()}


async def room_called(account: Account, name: str) -> str:
    """The room of this name, as soon as the person is in it: a sync comes back when they are."""
    since: str | None = None
    async with asyncio.timeout(WAITS_S):
        while name not in (rooms := await rooms_of(account)):
            since = (await account.sync(since, timeout_ms=1000))["next_batch"]
    return rooms[name]


async def test_the_first_keys_open_the_rooms_of_ones_departments(ward: Hospital, server: Homeserver) -> None:
    before = await signed_in(server, "0106", ward.give_password("0106"))
    announcements = await room_called(before, "公告")
    assert set(await rooms_of(before)) == {"公告"}
    wang = await with_keys(ward, server, "0106")
    cardiology, icu = await room_called(wang, "心内科"), await room_called(wang, "重症医学科")
    kind = (await wang.state(cardiology, KIND)).body
    assert kind["kind"] == "department"
    assert (await wang.state(icu, "m.room.history_visibility")).body == {"history_visibility": "joined"}
    assert (await wang.state(icu, "m.room.encryption")).body["algorithm"] == "m.megolm.v1.aes-sha2"
    await wang.state(announcements, "m.room.encryption", expect=404)
    members = (await wang.call("getJoinedMembersByRoom", roomId=cardiology))["joined"]
    assert members[HAND]["display_name"] == "Myelin"
    assert of("0106") in members


async def test_who_has_no_keys_is_named(ward: Hospital, server: Homeserver) -> None:
    ouyang = await with_keys(ward, server, "0103")
    room = await room_called(ouyang, "心内科")
    unreached = (await own(ouyang, "GET", f"/rooms/{room}/reachability"))["not_yet_reachable"]
    assert of("0103") not in unreached
    await with_keys(ward, server, "0102")
    async with asyncio.timeout(WAITS_S):
        since = None
        while of("0102") in (await own(ouyang, "GET", f"/rooms/{room}/reachability"))["not_yet_reachable"]:
            since = (await ouyang.sync(since, timeout_ms=1000))["next_batch"]
    stranger = await signed_in(server, "0104", ward.give_password("0104"))
    await own(stranger, "GET", f"/rooms/{room}/reachability", expect=(403, "M_FORBIDDEN"))


async def test_the_directory_alone_moves_people(ward: Hospital, server: Homeserver) -> None:
    chou, jie = await with_keys(ward, server, "0102"), await with_keys(ward, server, "0104")
    for name in ("心内科", "公告"):
        room = await room_called(chou, name)
        left = await chou.call("leaveRoom", roomId=room, body={}, expect=(403, "M_FORBIDDEN"))
        assert "directory" in left["error"]
        await chou.set_state(room, "m.room.member", {"membership": "leave"}, chou.user_id, expect=403)
        for operation in ("inviteUser", "kick", "ban"):
            await chou.call(operation, roomId=room, body={"user_id": HAND}, expect=(403, "M_FORBIDDEN"))
            await chou.call(operation, roomId=room, body={"user_id": of("0103")}, expect=(403, "M_FORBIDDEN"))
        await chou.set_state(room, KIND, {"kind": "group"}, expect=(403, "M_FORBIDDEN"))
        await chou.set_state(room, "m.room.name", {"name": "mine"}, expect=(403, "M_FORBIDDEN"))
    await jie.join(await room_called(chou, "心内科"), expect=403)
    await jie.call("knockRoom", roomIdOrAlias=await room_called(chou, "心内科"), body={}, expect=403)


async def test_few_write_what_everybody_reads(ward: Hospital, server: Homeserver) -> None:
    jie, wang = await signed_in(server, "0104", ward.give_password("0104")), await with_keys(ward, server, "0105")
    room = await room_called(jie, "公告")
    assert await room_called(wang, "公告") == room
    since = await jie.position()
    await jie.send(room, {"msgtype": "m.text", "body": "me too"}, expect=(403, "M_FORBIDDEN"))
    await wang.say(room, "the lift is out of order")
    assert bodies(timeline(await jie.sync(since, timeout_ms=5000), room)) == ["the lift is out of order"]


async def test_a_room_is_called_as_its_department_is(ward: Hospital, server: Homeserver) -> None:
    jie = await with_keys(ward, server, "0104")
    room = await room_called(jie, "骨科")
    # The only one of a department who is listed under another name of it: the department has been renamed.
    ward.import_people(STAFF.replace("骨科", "关节外科"))
    assert await room_called(jie, "关节外科") == room
    ward.import_people(STAFF)
    assert await room_called(jie, "骨科") == room


async def test_groups_are_made_by_those_who_may(ward: Hospital, server: Homeserver) -> None:
    ouyang = await signed_in(server, "0103", ward.give_password("0103"))
    chou = await signed_in(server, "0102", ward.give_password("0102"))
    # Nurses make no groups here, doctors do; a direct chat is for everybody, and stays one.
    await ouyang.call("createRoom", body={}, expect=(403, "M_FORBIDDEN"))
    await ouyang.call("createRoom", body={"creation_content": {"type": "m.space"}}, expect=(403, "M_FORBIDDEN"))
    direct = await ouyang.create_room(chou, is_direct=True)
    await ouyang.call("inviteUser", roomId=direct, body={"user_id": of("0104")}, expect=(403, "M_FORBIDDEN"))
    third = {"membership": "invite"}
    await ouyang.set_state(direct, "m.room.member", third, of("0104"), expect=(403, "M_FORBIDDEN"))
    await chou.create_room(ouyang)
    await chou.call("inviteUser", roomId=direct, body={"user_id": of("0104")})


async def test_a_group_is_replaced_by_those_who_may_make_one(ward: Hospital, server: Homeserver) -> None:
    ouyang = await signed_in(server, "0103", ward.give_password("0103"))
    chou = await signed_in(server, "0102", ward.give_password("0102"))
    levels, body = {"users": {chou.user_id: 100, ouyang.user_id: 100}}, {"new_version": "11"}
    group = await chou.create_room(ouyang, room_version="10", power_level_content_override=levels)
    await ouyang.call("upgradeRoom", roomId=group, body=body, expect=(403, "M_FORBIDDEN"))
    await chou.call("upgradeRoom", roomId=group, body=body)
    # A direct chat is for everybody, and its replacement stays one.
    direct = await ouyang.create_room(chou, is_direct=True, room_version="10")
    new = (await ouyang.call("upgradeRoom", roomId=direct, body=body))["replacement_room"]
    await ouyang.invite(new, chou)
    await ouyang.call("inviteUser", roomId=new, body={"user_id": of("0104")}, expect=(403, "M_FORBIDDEN"))


# --- services ---


async def test_services_are_listed_with_when_they_were_last_alive(ward: Hospital, server: Homeserver) -> None:
    ward.command("service", "add", "theatre", "--title", "手术室", "--password-stdin", stdin="p\n")
    ouyang = await signed_in(server, "0103", ward.give_password("0103"))
    lab = await signed_in(server, LAB, "lab's password")
    await lab.sync()
    answer = await own(ouyang, "GET", "/services")
    assert answer["link_hosts"] == []
    services = {each["user_id"]: each for each in answer["services"]}
    assert services[LAB]["title"] == services[LAB]["display_name"] == "检验科"
    assert services[LAB]["last_alive"] > 0
    assert services[f"@_theatre:{SERVER_NAME}"]["last_alive"] is None
    ward.command("service", "deactivate", "theatre")
    assert f"@_theatre:{SERVER_NAME}" not in ward.command("service", "list")


def test_names_of_services_are_nobody_elses(ward: Hospital) -> None:
    assert "reserved" in ward.command("user", "add", "_lab", "--password-stdin", stdin="p\n", expect=1)
    assert "reserved" in ward.command("user", "add", "_new", "--password-stdin", stdin="p\n", expect=1)
    ward.command("service", "add", "lab", "--title", "x", "--password-stdin", stdin="p\n", expect=1)
    ward.command("service", "add", "_myelin", "--title", "x", "--password-stdin", stdin="p\n", expect=1)
    ward.command("service", "add", "empty", "--title", " ", "--password-stdin", stdin="p\n", expect=1)
    ward.command("service", "password", "0101", "--password-stdin", stdin="p\n", expect=1)
    ward.command("service", "deactivate", "@0101:" + SERVER_NAME, expect=1)
    ward.command("user", "password", "_myelin", "--password-stdin", stdin="p\n", expect=1)
    ward.command("user", "deactivate", "_myelin", expect=1)


async def test_a_service_keeps_the_name_that_it_was_given(lab: Account) -> None:
    name = {"displayname": "院长"}
    await lab.call("setProfileField", userId=LAB, keyName="displayname", body=name, expect=(403, "M_FORBIDDEN"))
    room = await lab.create_room()
    faked = {"membership": "join", **name}
    await lab.set_state(room, "m.room.member", faked, LAB, expect=(403, "M_FORBIDDEN"))


async def open_feed(lab: Account, person: str, feed: str, **wishes: Any) -> str:
    state = [{"type": KIND, "state_key": "", "content": {"feed": feed}}]
    body = {"is_direct": True, "invite": [person], "initial_state": state, **wishes}
    room_id: str = (await lab.call("createRoom", body=body))["room_id"]
    return room_id


async def test_a_critical_value_never_waits_for_a_yes(ward: Hospital, server: Homeserver, lab: Account) -> None:
    chou = await signed_in(server, "0102", ward.give_password("0102"))
    since = await chou.position()
    rooms = await asyncio.gather(*(open_feed(lab, chou.user_id, "critical") for _ in range(5)))
    assert len(set(rooms)) == 1
    (room, *_) = rooms
    assert await open_feed(lab, chou.user_id, "reports") != room
    event_id = await lab.say(room, "potassium 6.8", **{"org.myelin.card": {"title": "K"}})
    news = joined(await chou.sync(since), room)
    assert event_id in [event["event_id"] for event in news["timeline"]["events"]]
    assert (await chou.state(room, KIND)).body == {"kind": "direct", "feed": "critical"}
    # Whoever leaves is there again when the next one comes.
    await chou.leave(room)
    assert await open_feed(lab, chou.user_id, "critical") == room
    assert room in (await chou.call("getJoinedRooms"))["joined_rooms"]


async def test_nobody_can_silence_what_is_critical(ward: Hospital, server: Homeserver, lab: Account) -> None:
    chou = await signed_in(server, "0102", ward.give_password("0102"))
    rooms = {feed: await open_feed(lab, chou.user_id, feed) for feed in ("critical", "reports", "notices")}
    ignoring: Event = {"ignored_users": {LAB: {}}}
    await chou.call("setAccountData", userId=chou.user_id, type="m.ignored_user_list", body=ignoring)
    mute = {"actions": [], "conditions": [{"kind": "event_match", "key": "room_id", "pattern": rooms["critical"]}]}
    await chou.call("setPushRule", kind="override", ruleId="quiet", body=mute)
    for room in rooms.values():
        await lab.say(room, "a value")
    synced = await chou.sync()
    counts = {feed: joined(synced, room)["unread_notifications"] for feed, room in rooms.items()}
    assert (counts["critical"]["notification_count"], counts["critical"]["highlight_count"]) >= (1, 1)
    assert counts["critical"]["highlight_count"] == counts["critical"]["notification_count"]
    assert counts["reports"] == {"notification_count": 0, "highlight_count": 0}
    assert (counts["notices"]["notification_count"], counts["notices"]["highlight_count"]) == (1, 0)


BAD_FEEDS: list[tuple[Event, int]] = [
    ({"is_direct": False}, 400),
    ({"invite": []}, 400),
    ({"invite": [of("0102"), of("0103")]}, 400),
    ({"preset": "public_chat"}, 400),
    ({"visibility": "public"}, 400),
    ({"invite": [HAND]}, 403),
    ({"invite": [f"@nobody:{SERVER_NAME}"]}, 404),
    ({"invite": ["@0102:elsewhere.test"]}, 403),
]


@pytest.mark.parametrize(("wishes", "status"), BAD_FEEDS)
async def test_a_feed_is_for_one_person_of_this_hospital(lab: Account, wishes: Event, status: int) -> None:
    state = [{"type": KIND, "state_key": "", "content": {"feed": "critical"}}]
    body = {"is_direct": True, "invite": [of("0102")], "initial_state": state, **wishes}
    await lab.call("createRoom", body=body, expect=status)


async def test_nobody_else_comes_into_a_feed(ward: Hospital, server: Homeserver, lab: Account) -> None:
    room = await open_feed(lab, of("0101"), "critical")
    for member in (lab, await signed_in(server, "0101", ward.give_password("0101"))):
        await member.call("inviteUser", roomId=room, body={"user_id": of("0102")}, expect=(403, "M_FORBIDDEN"))


async def test_the_hospitals_own_rooms_are_replaced_by_nobody(ward: Hospital, server: Homeserver, lab: Account) -> None:
    wang = await with_keys(ward, server, "0106")
    cardiology = await room_called(wang, "心内科")
    feed, body = await open_feed(lab, wang.user_id, "notices"), {"new_version": "12"}
    for account, room in ((wang, cardiology), (wang, feed), (lab, feed)):
        await account.call("upgradeRoom", roomId=room, body=body, expect=(403, "M_FORBIDDEN"))
        await account.state(room, "m.room.tombstone", expect=404)
