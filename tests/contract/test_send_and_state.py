"""Events and state: sending, state, redaction, and the promise that a retry is not a second message."""

import asyncio

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.people import Account, Event, bodies, of_type, timeline

TEXT: Event = {"msgtype": "m.text", "body": "good morning"}
MAX_EVENT_BYTES = 65_536


async def test_a_message_reaches_the_other(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    since = await li.position()
    event_id = await wang.say(room, "床位 12 已准备好")
    (event,) = timeline(await li.sync(since), room)
    assert (event["event_id"], event["sender"], event["type"]) == (event_id, wang.user_id, "m.room.message")
    assert event["content"]["body"] == "床位 12 已准备好"


async def test_what_clients_see_is_only_the_client_event(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await wang.say(room, "plain")
    (event,) = (await li.messages(room, limit=1))["chunk"]
    known = {"content", "event_id", "origin_server_ts", "room_id", "sender", "type", "unsigned"}
    assert set(event) == known
    assert not [key for key in event["content"] if key.startswith("org.myelin.")]


async def test_a_retry_is_the_same_message(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    since = await li.position()
    first = await wang.send(room, TEXT, transaction="once")
    again = await wang.send(room, TEXT, transaction="once")
    assert first["event_id"] == again["event_id"]
    assert len(timeline(await li.sync(since), room)) == 1


async def test_retries_at_the_same_moment_are_one_message(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    since = await li.position()
    answers = await asyncio.gather(*(wang.send(room, TEXT, transaction="once") for _ in range(8)))
    assert len({answer["event_id"] for answer in answers}) == 1
    assert len(timeline(await li.sync(since), room)) == 1


async def test_a_retry_gets_the_first_answer_even_after_leaving(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    first = await li.send(room, TEXT, transaction="once")
    await li.leave(room)
    assert (await li.send(room, TEXT, transaction="once"))["event_id"] == first["event_id"]
    await li.send(room, TEXT, transaction="another", expect=(403, "M_FORBIDDEN"))


async def test_transactions_belong_to_one_device_and_one_path(server: Homeserver, wang: Account) -> None:
    room, other_room = await wang.create_room(), await wang.create_room()
    phone = await server.login(wang)
    sent = [
        await wang.send(room, TEXT, transaction="same"),
        await wang.send(room, TEXT, transaction="same", event_type="org.example.note"),
        await wang.send(other_room, TEXT, transaction="same"),
        await phone.send(room, TEXT, transaction="same"),
    ]
    assert len({answer["event_id"] for answer in sent}) == len(sent)


async def test_only_the_sending_device_sees_its_transaction(server: Homeserver, wang: Account) -> None:
    room = await wang.create_room()
    phone = await server.login(wang)
    await wang.send(room, TEXT, transaction="mine")
    (mine,) = of_type(timeline(await wang.sync(), room), "m.room.message")
    (theirs,) = of_type(timeline(await phone.sync(), room), "m.room.message")
    assert mine["unsigned"]["transaction_id"] == "mine"
    assert "transaction_id" not in theirs.get("unsigned", {})


async def test_only_members_speak(wang: Account, li: Account) -> None:
    room = await wang.create_room()
    await li.send(room, TEXT, expect=(403, "M_FORBIDDEN"))
    await li.send("!nowhere:example.org", TEXT, expect=403)
    assert bodies((await wang.messages(room))["chunk"]) == []


async def test_power_decides_who_speaks(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, power_level_content_override={"events_default": 50})
    await li.send(room, TEXT, expect=(403, "M_FORBIDDEN"))
    await wang.send(room, TEXT)


BROKEN = [(b"{", "M_NOT_JSON"), (b"", "M_NOT_JSON"), (b"[]", "M_BAD_JSON"), (b'"x"', "M_BAD_JSON"), (b"\xff", None)]


@pytest.mark.parametrize(("content", "errcode"), BROKEN)
async def test_broken_bodies_store_nothing(wang: Account, content: bytes, errcode: str | None) -> None:
    room = await wang.create_room()
    before = await wang.position()
    answer = await wang.call(
        "sendMessage", roomId=room, eventType="m.room.message", txnId="t", content=content, expect=400
    )
    assert errcode in (None, answer.errcode)
    assert timeline(await wang.sync(before), room) == []


@pytest.mark.parametrize("number", ["1.5", "9007199254740992", "-9007199254740992", "1e3"])
async def test_numbers_that_canonical_json_does_not_know_are_refused(wang: Account, number: str) -> None:
    room = await wang.create_room()
    content = f'{{"body":"x","msgtype":"m.text","n":{number}}}'.encode()
    arguments = {"roomId": room, "eventType": "m.room.message", "txnId": "t", "content": content}
    # Floats are not permitted, and integers lie in the range [-(2**53)+1, (2**53)-1].
    await wang.call("sendMessage", **arguments, expect=(400, "M_BAD_JSON"))


async def test_a_large_event_is_refused(wang: Account) -> None:
    room = await wang.create_room()
    await wang.send(room, {"msgtype": "m.text", "body": "a" * MAX_EVENT_BYTES}, expect=(413, "M_TOO_LARGE"))
    await wang.send(room, TEXT, event_type="t" * 256, expect=(413, "M_TOO_LARGE"))
    await wang.send(room, {"msgtype": "m.text", "body": "a" * (MAX_EVENT_BYTES - 2_000)})


async def test_the_same_reaction_twice_is_refused(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    event_id = await wang.say(room, "discharged today")
    reaction = {"m.relates_to": {"rel_type": "m.annotation", "event_id": event_id, "key": "👍"}}
    await li.send(room, reaction, event_type="m.reaction")
    await li.send(room, reaction, event_type="m.reaction", expect=(400, "M_DUPLICATE_ANNOTATION"))
    await wang.send(room, reaction, event_type="m.reaction")


async def test_state_is_set_and_read(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    since = await li.position()
    event_id = (await wang.set_state(room, "m.room.topic", {"topic": "白班"}))["event_id"]
    assert (await li.state(room, "m.room.topic"))["topic"] == "白班"
    (event,) = timeline(await li.sync(since), room)
    assert (event["event_id"], event["state_key"]) == (event_id, "")


async def test_a_state_event_can_be_asked_for_whole(wang: Account) -> None:
    room = await wang.create_room(name="查房")
    event = (await wang.state(room, "m.room.name", query={"format": "event"})).body
    assert (event["type"], event["content"]["name"], event["sender"]) == ("m.room.name", "查房", wang.user_id)


async def test_the_state_key_may_be_left_out(wang: Account) -> None:
    room = await wang.create_room(name="查房")
    for ending in ("", "/"):
        path = f"/_matrix/client/v3/rooms/{room}/state/m.room.name{ending}"
        headers = {"Authorization": f"Bearer {wang.access_token}"}
        answer = await wang.contract.http.get(path, headers=headers)
        assert (answer.status_code, answer.json()["name"]) == (200, "查房")
        answer = await wang.contract.http.put(path, headers=headers, json={"name": "查房"})
        assert answer.status_code == 200


async def test_equal_state_writes_nothing(wang: Account) -> None:
    room = await wang.create_room()
    first = await wang.set_state(room, "org.example.bed", {"bed": 12}, state_key="a/b")
    since = await wang.position()
    again = await wang.set_state(room, "org.example.bed", {"bed": 12}, state_key="a/b")
    assert again["event_id"] == first["event_id"]
    assert timeline(await wang.sync(since), room) == []
    other = await wang.set_state(room, "org.example.bed", {"bed": 13}, state_key="a/b")
    assert other["event_id"] != first["event_id"]


async def test_the_whole_state_has_one_event_per_key(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await wang.set_state(room, "m.room.topic", {"topic": "one"})
    await wang.set_state(room, "m.room.topic", {"topic": "two"})
    events = (await li.call("getRoomState", roomId=room)).body
    assert [event["content"]["topic"] for event in of_type(events, "m.room.topic")] == ["two"]
    assert {event["state_key"] for event in of_type(events, "m.room.member")} == {wang.user_id, li.user_id}


async def test_state_needs_power(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await li.set_state(room, "m.room.topic", {"topic": "mine"}, expect=(403, "M_FORBIDDEN"))
    await li.state(room, "m.room.topic", expect=(404, "M_NOT_FOUND"))


async def test_nobody_writes_somebody_elses_member_event(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    content = {"membership": "join", "displayname": "王护士长"}
    await li.set_state(room, "m.room.member", content, state_key=wang.user_id, expect=(403, "M_FORBIDDEN"))
    # A state_key that is a user id is that user's own, whatever the type.
    await wang.set_state(room, "org.example.shift", {"on": True}, state_key=li.user_id, expect=(403, "M_FORBIDDEN"))


async def test_strangers_read_no_state(wang: Account, li: Account) -> None:
    room = await wang.create_room()
    await li.call("getRoomState", roomId=room, expect=(403, "M_FORBIDDEN"))
    await li.state(room, "m.room.create", expect=(403, "M_FORBIDDEN"))


async def test_who_left_reads_the_state_of_that_time(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, name="before")
    await li.leave(room)
    await wang.set_state(room, "m.room.name", {"name": "after"})
    assert (await li.state(room, "m.room.name"))["name"] == "before"
    events = (await li.call("getRoomState", roomId=room)).body
    assert [event["content"]["name"] for event in of_type(events, "m.room.name")] == ["before"]


async def test_the_canonical_alias_must_lead_here(server: Homeserver, wang: Account) -> None:
    room = await wang.create_room()
    domain = wang.user_id.partition(":")[2]
    for content in ({"alias": f"#nowhere:{domain}"}, {"alt_aliases": [f"#nowhere:{domain}"]}):
        await wang.set_state(room, "m.room.canonical_alias", content, expect=(400, "M_BAD_ALIAS"))
    await wang.set_state(room, "m.room.canonical_alias", {"alias": "ward"}, expect=(400, "M_INVALID_PARAM"))
    alias = f"#{server.username('ward')}:{domain}"
    await wang.call("setRoomAlias", roomAlias=alias, body={"room_id": room})
    await wang.set_state(room, "m.room.canonical_alias", {"alias": alias})


async def test_a_redaction_takes_the_words_away(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    event_id = await wang.say(room, "wrong room")
    since = await li.position()
    redaction = (await wang.redact(room, event_id))["event_id"]
    (seen,) = timeline(await li.sync(since), room)
    assert (seen["type"], seen["event_id"]) == ("m.room.redaction", redaction)
    # Version 11 moved `redacts` into the content; clients of both kinds must find it.
    assert seen["content"]["redacts"] == event_id
    pruned = (await li.call("getOneRoomEvent", roomId=room, eventId=event_id)).body
    assert pruned["content"] == {}
    assert pruned["unsigned"]["redacted_because"]["event_id"] == redaction
    assert "wrong room" not in str((await li.messages(room)).body)


async def test_a_redaction_is_idempotent(wang: Account) -> None:
    room = await wang.create_room()
    event_id = await wang.say(room, "wrong room")
    arguments = {"roomId": room, "eventId": event_id, "txnId": "once", "body": {"reason": "mistake"}}
    first = await wang.call("redactEvent", **arguments)
    assert (await wang.call("redactEvent", **arguments))["event_id"] == first["event_id"]


async def test_only_the_sender_or_the_powerful_redact(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    of_wang, of_li = await wang.say(room, "one"), await li.say(room, "two")
    await li.redact(room, of_wang, expect=(403, "M_FORBIDDEN"))
    await wang.redact(room, of_li)
