"""What rooms refuse: each refusal has the errcode of the standard, and nothing of it is stored."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.contract.conftest import Homeserver
from tests.contract.contract import Contract
from tests.contract.people import Account, Event, bodies, event_ids, of_type, timeline
from tests.servers import fresh_server

UNKNOWN_PERSON = "@nobody:hospital.test"
ELSEWHERE = "@wang:elsewhere.example.org"

ROOMS_REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"initial_state": [{"type": "m.room.create", "content": {}}]}, 400, "M_INVALID_ROOM_STATE"),
    (
        {"initial_state": [{"type": "m.room.member", "state_key": ELSEWHERE, "content": {}}]},
        400,
        "M_INVALID_ROOM_STATE",
    ),
    ({"initial_state": [{"type": "", "content": {}}]}, 400, "M_INVALID_PARAM"),
    ({"initial_state": [{"type": "x", "state_key": "\x00", "content": {}}]}, 400, "M_BAD_JSON"),
    (
        {"initial_state": [{"type": "m.room.canonical_alias", "content": {"alias": "#x:hospital.test"}}]},
        400,
        "M_BAD_ALIAS",
    ),
    ({"initial_state": [{"type": "x", "content": {}}] * 101}, 400, "M_BAD_JSON"),
    ({"power_level_content_override": {"invite": "many"}}, 400, "M_INVALID_ROOM_STATE"),
    ({"creation_content": {"additional_creators": "all"}}, 400, "M_INVALID_PARAM"),
    ({"creation_content": {"additional_creators": ["all"]}}, 400, "M_INVALID_ROOM_STATE"),
    ({"creation_content": {"weight": 1.5}}, 400, "M_BAD_JSON"),
    ({"room_alias_name": ""}, 400, "M_INVALID_PARAM"),
    ({"room_alias_name": "a:b"}, 400, "M_INVALID_PARAM"),
    ({"room_version": ""}, 400, "M_UNSUPPORTED_ROOM_VERSION"),
    ({"preset": "party"}, 400, "M_BAD_JSON"),
    ({"invite": [UNKNOWN_PERSON]}, 404, "M_NOT_FOUND"),
    ({"invite": ["everybody"]}, 400, "M_INVALID_PARAM"),
    ({"invite": ["@\x00:hospital.test"]}, 400, "M_BAD_JSON"),
    ({"invite": [ELSEWHERE]}, 403, "M_FORBIDDEN"),
    ({"invite_3pid": [{"medium": "email", "address": "a@example.org"}]}, 403, "M_THREEPID_DENIED"),
    ({"topic": "a" * 65_536}, 413, "M_TOO_LARGE"),
]


@pytest.mark.parametrize(("wishes", "status", "errcode"), ROOMS_REFUSED, ids=lambda value: str(value)[:60])
async def test_a_room_that_cannot_be(wang: Account, wishes: dict[str, Any], status: int, errcode: str) -> None:
    await wang.call("createRoom", body=wishes, expect=(status, errcode))
    assert (await wang.call("getJoinedRooms"))["joined_rooms"] == []


async def test_a_refused_room_takes_no_alias(server: Homeserver, wang: Account) -> None:
    name = server.username("ward")
    body = {"room_alias_name": name, "invite": [UNKNOWN_PERSON]}
    await wang.call("createRoom", body=body, expect=404)
    await wang.call("createRoom", body={"room_alias_name": name})


async def test_name_and_topic_win_over_the_initial_state(wang: Account) -> None:
    state = [{"type": "m.room.name", "content": {"name": "early"}}]
    room = await wang.create_room(initial_state=state, name="late")
    assert (await wang.state(room, "m.room.name"))["name"] == "late"


async def test_oneself_and_doubles_among_the_invited_do_no_harm(wang: Account, li: Account) -> None:
    body = {"invite": [wang.user_id, li.user_id, li.user_id]}
    room = (await wang.call("createRoom", body=body))["room_id"]
    invitations = [
        event
        for event in of_type((await wang.messages(room, limit=50))["chunk"], "m.room.member")
        if event["content"]["membership"] == "invite"
    ]
    assert [event["state_key"] for event in invitations] == [li.user_id]


async def test_people_who_cannot_be_invited(wang: Account, li: Account) -> None:
    room = await wang.create_room()
    since = await wang.position()
    for user_id, refusal in (
        (UNKNOWN_PERSON, (404, "M_NOT_FOUND")),
        (ELSEWHERE, (403, "M_FORBIDDEN")),
        ("everybody", (400, "M_INVALID_PARAM")),
    ):
        await wang.call("inviteUser", roomId=room, body={"user_id": user_id}, expect=refusal)
        content = {"membership": "invite"}
        await wang.set_state(room, "m.room.member", content, user_id, expect=refusal)
    by_mail = {"medium": "email", "address": "a@example.org", "id_server": "example.org", "id_access_token": "x"}
    await wang.call("inviteUser", roomId=room, body=by_mail, expect=(403, "M_THREEPID_DENIED"))
    await wang.call("inviteUser", roomId=room, body={}, expect=(400, "M_MISSING_PARAM"))
    assert timeline(await wang.sync(since), room) == []


async def members_said(account: Account, room_id: str) -> list[Event]:
    return of_type((await account.messages(room_id, limit=100))["chunk"], "m.room.member")


async def test_what_changes_nothing_is_not_written(wang: Account, li: Account, server: Homeserver) -> None:
    room = await wang.create_room()
    zhao = await server.register("赵主任")
    await wang.invite(room, li)
    before = event_ids(await members_said(wang, room))
    await wang.invite(room, li)
    assert event_ids(await members_said(wang, room)) == before
    await li.leave(room)
    left = event_ids(await members_said(wang, room))
    await li.leave(room)
    assert event_ids(await members_said(wang, room)) == left
    for _ in range(2):
        await wang.call("ban", roomId=room, body={"user_id": zhao.user_id})
    assert len(await members_said(wang, room)) == len(left) + 1


async def test_a_repeated_invitation_still_needs_the_right(wang: Account, li: Account, server: Homeserver) -> None:
    room = await wang.create_room()
    await wang.invite(room, li)
    zhao = await server.register("赵主任")
    await zhao.invite(room, li, expect=(403, "M_FORBIDDEN"))


async def test_knocking_twice_is_one_knock(wang: Account, li: Account) -> None:
    rule = {"type": "m.room.join_rules", "content": {"join_rule": "knock"}}
    room = await wang.create_room(initial_state=[rule])
    for _ in range(2):
        await li.call("knockRoom", roomIdOrAlias=room, body={"reason": "on call"})
    assert len([event for event in await members_said(wang, room) if event["state_key"] == li.user_id]) == 1
    await li.leave(room)
    assert (await wang.state(room, "m.room.member", li.user_id))["membership"] == "leave"


async def test_only_the_banned_are_unbanned(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await wang.call("unban", roomId=room, body={"user_id": li.user_id}, expect=(403, "M_FORBIDDEN"))
    await wang.call("ban", roomId=room, body={"user_id": li.user_id})
    await wang.call("kick", roomId=room, body={"user_id": li.user_id}, expect=(403, "M_FORBIDDEN"))
    await li.call("forgetRoom", roomId=room, body={})


async def test_a_name_is_for_its_owner_to_choose(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    since = await wang.position()
    for content in (
        {"membership": "leave", "displayname": "somebody else"},
        {"membership": "ban", "avatar_url": "mxc://hospital.test/picture"},
        {"membership": "invite", "displayname": "somebody else"},
        {"membership": "join", "displayname": "somebody else"},
    ):
        await wang.set_state(room, "m.room.member", content, li.user_id, expect=(403, "M_FORBIDDEN"))
    assert timeline(await wang.sync(since), room) == []
    await li.set_state(room, "m.room.member", {"membership": "join", "displayname": "李 (夜班)"}, li.user_id)
    assert (await wang.state(room, "m.room.member", li.user_id))["displayname"] == "李 (夜班)"


STATE_REFUSED = [
    ("m.room.power_levels", {"users": {"nobody": "many"}}, (403, "M_FORBIDDEN")),
    ("m.room.member", {}, (400, "M_INVALID_PARAM")),
    ("org.myelin.room", {"kind": "broadcast"}, (403, "M_FORBIDDEN")),
    ("m.room.canonical_alias", {"alias": 7}, (400, "M_INVALID_PARAM")),
    ("m.room.topic", {"topic": "a" * 65_536}, (413, "M_TOO_LARGE")),
    ("m.room.topic", {"topic": 1.5}, (400, "M_BAD_JSON")),
    ("t" * 256, {}, (413, "M_TOO_LARGE")),
]


@pytest.mark.parametrize(("event_type", "content", "refusal"), STATE_REFUSED, ids=lambda value: str(value)[:40])
async def test_state_that_cannot_be(wang: Account, event_type: str, content: Event, refusal: tuple[int, str]) -> None:
    room = await wang.create_room()
    before = (await wang.call("getRoomState", roomId=room)).body
    await wang.set_state(room, event_type, content, expect=refusal)
    after = (await wang.call("getRoomState", roomId=room)).body
    assert event_ids(after) == event_ids(before)


@pytest.mark.parametrize("event_type", ["m.room.member", "m.room.create", "m.room.power_levels", "m.room.name"])
async def test_state_is_not_sent_as_a_message(wang: Account, event_type: str) -> None:
    room = await wang.create_room()
    since = await wang.position()
    await wang.send(room, {"name": "x"}, event_type=event_type, expect=(400, "M_INVALID_PARAM"))
    assert timeline(await wang.sync(since), room) == []


PATHS_REFUSED: list[tuple[str, str, dict[str, str] | None, int]] = [
    ("PUT", "/rooms/{room}/send//txn", {}, 400),
    ("PUT", "/rooms/{room}/send/m.%00/txn", {}, 400),
    ("PUT", "/rooms/{room}/send/m.%FF/txn", {}, 400),
    ("PUT", "/rooms/ward-3/send/m.room.message/txn", {}, 400),
    ("PUT", "/rooms/%21%00/send/m.room.message/txn", {}, 400),
    ("PUT", "/rooms/{room}/state//key", {}, 400),
    ("PUT", "/rooms/{room}/redact/not-an-event/txn", {}, 400),
    ("GET", "/rooms/{room}/event/not-an-event", None, 400),
    ("GET", "/rooms/{room}/messages", None, 400),
    ("GET", "/rooms/{room}/messages?dir=b&limit=-1", None, 400),
    ("GET", "/rooms/{room}/messages?dir=b&from=9999999999999999999999", None, 400),
    ("GET", "/rooms/{room}/messages?dir=b&filter=%7B", None, 400),
    ("GET", "/rooms/{room}/messages?dir=b&filter=%7B%22types%22%3A%5B%22%5Cu0000%22%5D%7D", None, 400),
    ("GET", "/rooms/{room}/members?membership=friend", None, 400),
    ("GET", "/rooms/{room}/state/m.room.create/?format=xml", None, 400),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), PATHS_REFUSED, ids=lambda value: str(value)[:60])
async def test_requests_that_make_no_sense(wang: Account, method: str, path: str, body: Any, status: int) -> None:
    room = await wang.create_room()
    response = await wang.contract.http.request(
        method,
        "/_matrix/client/v3" + path.format(room=room),
        json=body,
        headers={"Authorization": f"Bearer {wang.access_token}"},
    )
    assert response.status_code == status, response.text
    assert response.json()["errcode"] in ("M_INVALID_PARAM", "M_BAD_JSON", "M_MISSING_PARAM")


async def test_relations_that_nobody_could_look_up_are_only_content(wang: Account) -> None:
    room = await wang.create_room()
    for relation in (
        {"rel_type": "m.thread", "event_id": "not an event"},
        {"rel_type": "m.thread", "event_id": "$" + "a" * 60_000},
    ):
        await wang.say(room, "odd", **{"m.relates_to": relation})
    mentions = {"user_ids": ["everybody", "@" + "a" * 5_000 + ":hospital.test"]}
    await wang.say(room, "odd", **{"m.mentions": mentions})
    assert bodies((await wang.messages(room, limit=3))["chunk"]) == ["odd"] * 3


# --- redaction ---

PROTECTED = ["m.room.create", "m.room.power_levels"]


@pytest.mark.parametrize("event_type", PROTECTED)
async def test_what_protects_a_room_is_not_redacted(wang: Account, event_type: str) -> None:
    room = await wang.create_room()
    event = (await wang.state(room, event_type, query={"format": "event"})).body
    await wang.redact(room, event["event_id"], expect=(403, "M_FORBIDDEN"))
    assert (await wang.state(room, event_type)).body == event["content"]


async def test_an_event_is_redacted_only_in_its_room(wang: Account, li: Account) -> None:
    room, other = await wang.create_room(), await wang.create_room(li)
    event_id = await wang.say(room, "here")
    await wang.redact(other, event_id, expect=(404, "M_NOT_FOUND"))
    await wang.redact(other, "$unknown", expect=(404, "M_NOT_FOUND"))
    await li.redact(room, event_id, expect=(403, "M_FORBIDDEN"))
    assert bodies((await wang.messages(room))["chunk"]) == ["here"]


async def test_a_second_redaction_changes_nothing_more(wang: Account) -> None:
    room = await wang.create_room()
    event_id = await wang.say(room, "wrong room")
    first = (await wang.redact(room, event_id))["event_id"]
    second = (await wang.redact(room, event_id))["event_id"]
    assert first != second
    pruned = (await wang.call("getOneRoomEvent", roomId=room, eventId=event_id)).body
    assert pruned["unsigned"]["redacted_because"]["event_id"] == first


async def test_redacted_state_is_state_without_its_content(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, topic="early")
    event_id = (await wang.set_state(room, "m.room.topic", {"topic": "bed twelve"}))["event_id"]
    await wang.redact(room, event_id)
    assert (await li.state(room, "m.room.topic")).body == {}
    assert "bed twelve" not in str((await li.call("getRoomState", roomId=room)).body)
    assert "bed twelve" not in str((await li.sync()).body)


async def test_a_redacted_message_no_longer_counts_as_unread(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    event_id = await wang.say(room, "look", **{"m.mentions": {"user_ids": [li.user_id]}})
    counts = (await li.sync())["rooms"]["join"][room]["unread_notifications"]
    assert (counts["notification_count"], counts["highlight_count"]) == (1, 1)
    await wang.redact(room, event_id)
    counts = (await li.sync())["rooms"]["join"][room]["unread_notifications"]
    assert (counts["notification_count"], counts["highlight_count"]) == (0, 0)


# --- encryption by the hospital's rule ---


@pytest.fixture(scope="module")
def encrypting_url(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with fresh_server(tmp_path_factory.mktemp("encrypting"), postgres_url, require_encryption="true") as url:
        yield url


async def test_every_room_but_a_space_is_encrypted(encrypting_url: str, unused: Iterator[str]) -> None:
    async with httpx.AsyncClient(base_url=encrypting_url, timeout=60) as http:
        wang = await Homeserver(encrypting_url, Contract(http), unused).register("王护士")
        room = await wang.create_room(name="one")
        assert (await wang.state(room, "m.room.encryption"))["algorithm"] == "m.megolm.v1.aes-sha2"
        await wang.send(room, {"msgtype": "m.text", "body": "plain"}, expect=(403, "M_FORBIDDEN"))
        own = {"algorithm": "m.megolm.v1.aes-sha2", "rotation_period_msgs": 50}
        room = await wang.create_room(initial_state=[{"type": "m.room.encryption", "content": own}])
        assert (await wang.state(room, "m.room.encryption")).body == own
        space = await wang.create_room(creation_content={"type": "m.space"})
        await wang.state(space, "m.room.encryption", expect=404)
