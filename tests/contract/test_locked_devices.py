"""A ward's computers: what opens a locked device, what it hears meanwhile, and stations, which act for nobody."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from tests.contract.conftest import Homeserver
from tests.contract.contract import Contract, Expected, Records
from tests.contract.hospital import Hospital, hospital
from tests.contract.keys import DeviceKeys
from tests.contract.own import own
from tests.contract.people import Account, Event, identifier
from tests.databases import new_database
from tests.servers import SERVER_NAME

pytestmark = pytest.mark.skipif("MYELIN_TEST_URL" in os.environ, reason="needs a server with a directory")

HALF, PROOF, WRONG = (base64.b64encode(bytes([each]) * 32).decode() for each in (1, 2, 3))
STATION, STATION_ID = (
    "护士站-心内科",
    f"@_station.=e6=8a=a4=e5=a3=ab=e7=ab=99-=e5=bf=83=e5=86=85=e7=a7=91:{SERVER_NAME}",
)
KIND = "org.myelin.room"
WAITS_S = 20.0


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[Hospital]:
    database_url = asyncio.run(new_database(postgres_url))
    with hospital(tmp_path_factory.mktemp("ward"), database_url, idle_lock_minutes="7") as ward:
        ward.import_people()
        ward.command("service", "add", "lab", "--title", "检验科", "--password-stdin", stdin="lab's password\n")
        added = ("station", "add", STATION, "--department", "内科系统/心内科", "--password-stdin")
        assert f"_station.{STATION}" in ward.command(*added, stdin="station's password\n")
        yield ward


@pytest.fixture
async def server(ward: Hospital, unused: Iterator[str], records: Records | None) -> AsyncIterator[Homeserver]:
    async with httpx.AsyncClient(base_url=ward.url, timeout=60) as http:
        yield Homeserver(ward.url, Contract(http, records), unused)


async def signed_in(server: Homeserver, name: str, password: str) -> Account:
    body = {"type": "m.login.password", "identifier": identifier(name), "password": password}
    return server.account(await server.call("login", body=body), password)


@pytest.fixture
async def ouyang(ward: Hospital, server: Homeserver) -> Account:
    return await signed_in(server, "0103", ward.give_password("0103"))


@pytest.fixture
async def lab(server: Homeserver) -> Account:
    return await signed_in(server, "_lab", "lab's password")


@pytest.fixture
async def station(server: Homeserver) -> Account:
    return await signed_in(server, f"_station.{STATION}", "station's password")


async def lock(person: Account, **body: str) -> Account:
    """The person's device as it asks while it is locked."""
    token = (await own(person, "PUT", "/device_lock", body=body))["lock_token"]
    return Account(person.contract, person.user_id, token, person.device_id, person.password)


async def release(locked: Account, proof: str, expect: Expected = 200) -> Any:
    return await own(locked, "POST", "/device_lock/release", body={"proof": proof}, expect=expect)


async def open_feed(lab: Account, person: str) -> str:
    state = [{"type": KIND, "state_key": "", "content": {"feed": "critical"}}]
    body = {"is_direct": True, "invite": [person], "initial_state": state}
    room_id: str = (await lab.call("createRoom", body=body))["room_id"]
    return room_id


# --- the half ---


async def test_the_right_pin_releases_the_half_again_and_again(ouyang: Account) -> None:
    locked = await lock(ouyang, half=HALF, proof=PROOF)
    for _ in range(7):
        await release(locked, WRONG, expect=(403, "M_FORBIDDEN"))
        assert (await release(locked, PROOF))["half"] == HALF.rstrip("=")


async def test_the_fifth_wrong_pin_destroys_the_half(ouyang: Account) -> None:
    locked = await lock(ouyang, half=HALF, proof=PROOF)
    left = [(await release(locked, WRONG, expect=(403, "M_FORBIDDEN")))["org.myelin.tries_left"] for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    assert (await release(locked, PROOF, expect=(403, "M_FORBIDDEN")))["org.myelin.tries_left"] == 0
    # It rings all the same, until somebody comes with the password and sets another PIN.
    await own(locked, "GET", "/alerts")
    await release(await lock(ouyang, half=HALF, proof=PROOF), PROOF)


async def test_tries_at_once_are_counted_one_by_one(ouyang: Account) -> None:
    locked = await lock(ouyang, half=HALF, proof=PROOF)
    tries = [release(locked, WRONG, expect=(403, "M_FORBIDDEN")) for _ in range(12)]
    answers = await asyncio.gather(*tries)
    assert sorted(answer["org.myelin.tries_left"] for answer in answers) == [0] * 8 + [1, 2, 3, 4]
    await release(locked, PROOF, expect=(403, "M_FORBIDDEN"))


async def test_a_new_lock_takes_the_place_of_the_old_one(ouyang: Account) -> None:
    old = await lock(ouyang, half=HALF, proof=PROOF)
    new = await lock(ouyang)
    await release(old, PROOF, expect=(401, "M_UNKNOWN_TOKEN"))
    await release(new, PROOF, expect=(403, "M_FORBIDDEN"))
    await own(ouyang, "DELETE", "/device_lock")
    await own(new, "GET", "/alerts", expect=(401, "M_UNKNOWN_TOKEN"))


async def test_the_lock_ends_with_its_device(ouyang: Account) -> None:
    locked = await lock(ouyang, half=HALF, proof=PROOF)
    await ouyang.call("logout")
    await release(locked, PROOF, expect=(401, "M_UNKNOWN_TOKEN"))
    await own(locked, "GET", "/alerts", expect=(401, "M_UNKNOWN_TOKEN"))


async def test_the_token_of_a_lock_opens_nothing_else(ouyang: Account) -> None:
    locked = await lock(ouyang, half=HALF, proof=PROOF)
    await locked.call("sync", expect=(401, "M_UNKNOWN_TOKEN"))
    await own(locked, "PUT", "/device_lock", body={}, expect=(401, "M_UNKNOWN_TOKEN"))
    await release(ouyang, PROOF, expect=(401, "M_UNKNOWN_TOKEN"))


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"half": HALF}, "M_MISSING_PARAM"),
        ({"proof": PROOF}, "M_MISSING_PARAM"),
        ({"half": HALF, "proof": "AAAA"}, "M_INVALID_PARAM"),
        ({"half": "ÄÖ", "proof": PROOF}, "M_INVALID_PARAM"),
        ({"half": 7, "proof": PROOF}, "M_BAD_JSON"),
    ],
)
async def test_a_malformed_lock_is_refused(ouyang: Account, body: Event, errcode: str) -> None:
    await own(ouyang, "PUT", "/device_lock", body=body, expect=(400, errcode))


async def test_everybody_is_told_when_devices_lock(ouyang: Account) -> None:
    capabilities = (await ouyang.call("getCapabilities"))["capabilities"]
    assert capabilities["org.myelin.idle_lock_ms"] == 7 * 60_000


# --- alerts ---


async def test_a_locked_device_rings_for_what_is_critical_alone(ouyang: Account, lab: Account) -> None:
    room, plain = await open_feed(lab, ouyang.user_id), await lab.create_room(ouyang)
    event_id = await lab.say(room, "potassium 6.8")
    await ouyang.call("postReceipt", roomId=room, receiptType="m.read", eventId=event_id, body={})
    locked = await lock(ouyang)
    calm = await own(locked, "GET", "/alerts")
    assert calm["critical"] == 0
    query = {"after": calm["position"], "timeout": 30_000}
    waiting = asyncio.create_task(own(locked, "GET", "/alerts", query=query))
    await lab.say(plain, "the analyser is being serviced tonight")
    await lab.say(room, "potassium 6.9")
    rung = await asyncio.wait_for(waiting, WAITS_S)
    assert rung["critical"] == 1
    assert sorted(rung.body) == ["critical", "position"]
    # What the phone has read rings no more, and the ward's computer hears of that too.
    waiting = asyncio.create_task(own(locked, "GET", "/alerts", query={"after": rung["position"], "timeout": 30_000}))
    await ouyang.call("postReceipt", roomId=room, receiptType="m.read", eventId=await lab.say(room, "x"), body={})
    while (await asyncio.wait_for(waiting, WAITS_S))["critical"]:
        waiting = asyncio.create_task(own(locked, "GET", "/alerts"))


async def test_an_alert_that_changed_nothing_comes_when_time_is_up(ouyang: Account) -> None:
    position = (await own(ouyang, "GET", "/alerts"))["position"]
    again = await own(ouyang, "GET", "/alerts", query={"after": position, "timeout": 50})
    assert again["position"] == position
    for query in ({"after": "yesterday"}, {"after": "-1"}, {"timeout": "soon"}):
        await own(ouyang, "GET", "/alerts", query=query, expect=(400, "M_INVALID_PARAM"))


# --- stations ---


async def test_a_station_is_in_its_department_and_cannot_act(
    ward: Hospital, server: Homeserver, ouyang: Account, station: Account, lab: Account
) -> None:
    assert station.user_id == STATION_ID
    since = await station.position()
    for account in (ouyang, station):
        keys = DeviceKeys(account.user_id, account.device_id)
        await account.call("uploadKeys", body={"device_keys": keys.identity()})
    rooms: Event = {}
    while not rooms:
        news = await station.sync(since, timeout_ms=10_000)
        since, rooms = news["next_batch"], news.body.get("rooms", {}).get("join", {})
    (department,) = rooms
    for event_type in ("m.room.encrypted", "m.reaction"):
        await station.send(department, {"x": 1}, event_type=event_type, expect=(403, "M_FORBIDDEN"))
    await station.call("createRoom", body={}, expect=(403, "M_FORBIDDEN"))
    await station.call("leaveRoom", roomId=department, body={}, expect=(403, "M_FORBIDDEN"))
    # The laboratory finds the ward's station, and it rings.
    (listed,) = (await own(lab, "GET", "/stations"))["stations"]
    assert (listed["user_id"], listed["title"]) == (STATION_ID, STATION)
    assert (await own(lab, "GET", "/stations", query={"department": "elsewhere"}))["stations"] == []
    feed = await open_feed(lab, listed["user_id"])
    event_id = await lab.say(feed, "bed 3: critical")
    assert (await own(station, "GET", "/alerts"))["critical"] == 1
    await own(station, "PUT", f"/rooms/{feed}/events/{event_id}/ack", expect=(403, "M_FORBIDDEN"))
    await station.send(feed, {"msgtype": "m.text", "body": "ok"}, expect=(403, "M_FORBIDDEN"))
    await station.redact(feed, event_id, expect=(403, "M_FORBIDDEN"))


def test_names_of_stations_are_nobody_elses(ward: Hospital) -> None:
    def add(*arguments: str) -> str:
        return ward.command(*arguments, "--password-stdin", stdin="p\n", expect=1)

    add("station", "add", STATION, "--department", "内科系统/心内科")
    add("station", "add", "护士站-骨科", "--department", "骨科")
    add("station", "password", "护士站-骨科")
    add("service", "add", "_station.x", "--title", "x")
    add("user", "add", "_station.x")
    assert STATION in ward.command("station", "list")
