"""What a room is for: said when it is made, guarded ever after; and names that nobody may have."""

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.contract import Expected
from tests.contract.people import Account, Event
from tests.servers import SERVER_NAME

KIND = "org.myelin.room"
HAND = f"@_myelin:{SERVER_NAME}"
CARD = {"title": "Potassium", "value": "6.8"}


def of_kind(content: Event, state_key: str = "") -> list[Event]:
    return [{"type": KIND, "state_key": state_key, "content": content}]


async def kind_of(account: Account, room: str) -> Event:
    return (await account.state(room, KIND)).body  # type: ignore[no-any-return]


async def test_rooms_have_a_kind_though_nobody_says_it(wang: Account, li: Account) -> None:
    assert await kind_of(wang, await wang.create_room(li, is_direct=True)) == {"kind": "direct"}
    assert await kind_of(wang, await wang.create_room(li)) == {"kind": "group"}
    assert await kind_of(wang, await wang.create_room(is_direct=True)) == {"kind": "group"}


async def test_a_space_has_no_kind(wang: Account) -> None:
    space = await wang.create_room(creation_content={"type": "m.space"})
    await wang.state(space, KIND, expect=404)
    body = {"creation_content": {"type": "m.space"}, "initial_state": of_kind({"kind": "group"})}
    await wang.call("createRoom", body=body, expect=(400, "M_INVALID_ROOM_STATE"))


async def test_a_consult_may_be_made(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, initial_state=of_kind({"kind": "consult", "watermark": True}))
    assert await kind_of(li, room) == {"kind": "consult", "watermark": True}


@pytest.mark.parametrize("kind", ["department", "role", "patient", "broadcast"])
async def test_kinds_that_people_do_not_make(wang: Account, kind: str) -> None:
    body = {"initial_state": of_kind({"kind": kind})}
    await wang.call("createRoom", body=body, expect=(403, "M_FORBIDDEN"))


@pytest.mark.parametrize(
    "content",
    [
        {"kind": "ward"},
        {"kind": 7},
        {"kind": ["group"]},
        {"kind": "group", "department": {}},
        {"kind": "group", "watermark": "yes"},
        {"kind": "group", "feed": "critical"},
        {"kind": "direct", "feed": "gossip"},
        {"kind": "group", "colour": "red"},
    ],
)
async def test_a_malformed_kind_is_refused(wang: Account, content: Event) -> None:
    await wang.call("createRoom", body={"initial_state": of_kind(content)}, expect=(400, "M_INVALID_ROOM_STATE"))


async def test_a_kind_is_said_once_and_in_its_place(wang: Account) -> None:
    for state in (of_kind({"kind": "group"}, "x"), [*of_kind({"kind": "group"}), *of_kind({"kind": "consult"})]):
        await wang.call("createRoom", body={"initial_state": state}, expect=(400, "M_INVALID_ROOM_STATE"))
    public = {"preset": "public_chat", "initial_state": of_kind({"kind": "direct"})}
    await wang.call("createRoom", body=public, expect=(400, "M_INVALID_ROOM_STATE"))


async def test_only_services_have_feeds_and_name_departments(wang: Account, li: Account) -> None:
    feed = {"is_direct": True, "invite": [li.user_id], "initial_state": of_kind({"feed": "critical"})}
    await wang.call("createRoom", body=feed, expect=(403, "M_FORBIDDEN"))
    department = {"initial_state": of_kind({"kind": "consult", "department": "d1"})}
    await wang.call("createRoom", body=department, expect=(403, "M_FORBIDDEN"))


async def test_a_kind_stays(wang: Account) -> None:
    room = await wang.create_room()
    for content in ({"kind": "department"}, {"kind": "group", "feed": "critical"}, {}):
        await wang.set_state(room, KIND, content, expect=(403, "M_FORBIDDEN"))
    await wang.send(room, {"kind": "broadcast"}, event_type=KIND, expect=400)
    event = (await wang.state(room, KIND, query={"format": "event"})).body
    await wang.redact(room, event["event_id"], expect=(403, "M_FORBIDDEN"))


# --- the server's own hand ---


async def test_nobody_is_the_servers_hand(server: Homeserver, wang: Account) -> None:
    for name in ("_myelin", "_lab"):
        await server.call("register", body={"username": name, "password": "p"}, expect=(400, "M_EXCLUSIVE"))
    login = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": "_myelin"}, "password": "p"}
    await server.call("login", body=login, expect=(403, "M_FORBIDDEN"))


@pytest.mark.parametrize(("operation", "expect"), [("inviteUser", 404), ("ban", 403), ("kick", 403)])
async def test_nobody_moves_the_servers_hand(wang: Account, operation: str, expect: Expected) -> None:
    # Here the directory is empty, so there is no hand yet; its name is guarded all the same.
    room = await wang.create_room()
    await wang.call(operation, roomId=room, body={"user_id": HAND}, expect=expect)
    for membership in ("ban", "leave", "invite", "join"):
        answer = await wang.call(
            "setRoomStateWithKey",
            roomId=room,
            eventType="m.room.member",
            stateKey=HAND,
            body={"membership": membership},
            expect=404 if membership == "invite" else 403,
        )
        assert answer.errcode in ("M_FORBIDDEN", "M_NOT_FOUND")


# --- what only services send ---


@pytest.mark.parametrize(
    ("event_type", "content"),
    [
        ("m.room.message", {"msgtype": "m.text", "body": "6.8", "org.myelin.card": CARD}),
        ("org.myelin.card", CARD),
        ("m.room.message", {"msgtype": "m.text", "body": "x", "m.new_content": {"org.myelin.card": CARD}}),
    ],
)
async def test_people_send_no_cards(wang: Account, event_type: str, content: Event) -> None:
    room = await wang.create_room()
    await wang.send(room, content, event_type=event_type, expect=(403, "M_FORBIDDEN"))
    await wang.set_state(room, "org.example.state", {"org.myelin.card": CARD}, expect=(403, "M_FORBIDDEN"))


async def test_a_direct_chat_stays_closed(wang: Account, li: Account, zhao: Account) -> None:
    room = await wang.create_room(li, is_direct=True)
    for rule in ("public", "knock", "restricted", "knock_restricted"):
        await wang.set_state(room, "m.room.join_rules", {"join_rule": rule}, expect=(403, "M_FORBIDDEN"))
    await zhao.call("joinRoomById", roomId=room, body={}, expect=(403, "M_FORBIDDEN"))
    group = await wang.create_room(li)
    await wang.set_state(group, "m.room.join_rules", {"join_rule": "public"})
    await zhao.call("joinRoomById", roomId=group, body={})
