"""Profiles: what a person is called, and how that spreads to the rooms."""

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.people import Account, Event, timeline


async def set_field(account: Account, key: str, value: object, **arguments: object) -> None:
    await account.call("setProfileField", userId=account.user_id, keyName=key, body={key: value}, **arguments)


async def test_a_name_is_set_and_seen(server: Homeserver, wang: Account, li: Account) -> None:
    await set_field(wang, "displayname", "王护士")
    assert (await server.call("getProfileField", userId=wang.user_id, keyName="displayname"))["displayname"] == "王护士"
    assert (await li.call("getUserProfile", userId=wang.user_id))["displayname"] == "王护士"


async def test_a_picture_is_set_and_seen(server: Homeserver, wang: Account) -> None:
    await set_field(wang, "avatar_url", "mxc://example.org/picture")
    profile = await server.call("getUserProfile", userId=wang.user_id)
    assert profile["avatar_url"] == "mxc://example.org/picture"


async def test_a_new_name_reaches_every_room(wang: Account, li: Account) -> None:
    rooms = [await wang.create_room(li) for _ in range(2)]
    since = await li.position()
    await set_field(wang, "displayname", "王护士")
    seen: dict[str, list[Event]] = {room: [] for room in rooms}
    for _ in range(20):
        answer = await li.sync(since, timeout_ms=2_000)
        since = answer["next_batch"]
        for room in rooms:
            seen[room] += timeline(answer, room)
        if all(seen.values()):
            break
    for room in rooms:
        (event,) = seen[room]
        assert (event["type"], event["state_key"]) == ("m.room.member", wang.user_id)
        assert event["content"]["displayname"] == "王护士"


async def test_the_name_comes_along_into_a_new_room(wang: Account, li: Account) -> None:
    await set_field(li, "displayname", "李医生")
    room = await wang.create_room(li)
    assert (await wang.state(room, "m.room.member", li.user_id))["displayname"] == "李医生"


async def test_a_field_of_ones_own(server: Homeserver, wang: Account) -> None:
    await set_field(wang, "m.tz", "Asia/Shanghai")
    await set_field(wang, "org.example.pager", {"number": 7})
    profile = await server.call("getUserProfile", userId=wang.user_id)
    assert (profile["m.tz"], profile["org.example.pager"]) == ("Asia/Shanghai", {"number": 7})


async def test_a_field_is_taken_away(server: Homeserver, wang: Account) -> None:
    await set_field(wang, "displayname", "王护士")
    await wang.call("deleteProfileField", userId=wang.user_id, keyName="displayname")
    await server.call("getProfileField", userId=wang.user_id, keyName="displayname", expect=(404, "M_NOT_FOUND"))


async def test_nobody_is_renamed_by_others(server: Homeserver, wang: Account, li: Account) -> None:
    place = {"userId": wang.user_id, "keyName": "displayname"}
    await li.call("setProfileField", **place, body={"displayname": "x"}, expect=(403, "M_FORBIDDEN"))
    await li.call("deleteProfileField", **place, expect=(403, "M_FORBIDDEN"))
    await server.call("setProfileField", **place, body={"displayname": "x"}, expect=(401, "M_MISSING_TOKEN"))


async def test_unknown_people_have_no_profile(server: Homeserver, wang: Account) -> None:
    nobody = f"@nobody:{wang.user_id.partition(':')[2]}"
    await server.call("getUserProfile", userId=nobody, expect=(404, "M_NOT_FOUND"))
    await server.call("getProfileField", userId=nobody, keyName="displayname", expect=(404, "M_NOT_FOUND"))


REFUSED: list[tuple[str, Event, str]] = [
    ("displayname", {}, "M_MISSING_PARAM"),
    ("org.example.large", {"org.example.large": "x" * 65_536}, "M_PROFILE_TOO_LARGE"),
    ("k" * 256, {"k" * 256: "x"}, "M_KEY_TOO_LARGE"),
    ("not a name", {"not a name": "x"}, "M_INVALID_PARAM"),
]


@pytest.mark.parametrize(("key", "body", "errcode"), REFUSED, ids=[errcode for *_, errcode in REFUSED])
async def test_what_is_no_field_is_refused(wang: Account, key: str, body: Event, errcode: str) -> None:
    await wang.call("setProfileField", userId=wang.user_id, keyName=key, body=body, expect=(400, errcode))


async def test_a_broken_body_changes_nothing(wang: Account) -> None:
    place = {"userId": wang.user_id, "keyName": "displayname"}
    await wang.call("setProfileField", **place, content=b"{", expect=(400, "M_NOT_JSON"))
    await wang.call("setProfileField", **place, content=b"[]", expect=(400, "M_BAD_JSON"))
    answer = await wang.call("setProfileField", **place, body={"displayname": 7}, expect=400)
    assert answer.errcode in ("M_BAD_JSON", "M_INVALID_PARAM")
    await wang.call("deleteProfileField", userId=wang.user_id, keyName="not a name", expect=(400, "M_INVALID_PARAM"))
