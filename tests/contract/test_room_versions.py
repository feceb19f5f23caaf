"""The same story in each room version: what differs between them is not for people to notice."""

from typing import Any

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.people import Account, Event, bodies, of_type

VERSIONS = ["10", "11", "12"]


async def state_of(account: Account, room_id: str) -> dict[tuple[str, str], Event]:
    events = (await account.call("getRoomState", roomId=room_id)).body
    return {(event["type"], event["state_key"]): event for event in events}


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_room_lives_through_everything(server: Homeserver, wang: Account, li: Account, version: str) -> None:
    zhao = await server.register("赵主任")
    room = await wang.create_room(li, room_version=version)
    event_id = await li.say(room, "wrong room")
    await wang.redact(room, event_id)
    await wang.invite(room, zhao)
    await zhao.join(room)
    await zhao.say(room, "good morning")
    await wang.call("kick", roomId=room, body={"user_id": li.user_id})
    await wang.call("ban", roomId=room, body={"user_id": zhao.user_id})
    await wang.call("unban", roomId=room, body={"user_id": zhao.user_id})
    assert bodies((await wang.messages(room, limit=50))["chunk"]) == ["good morning"]
    pruned = (await wang.call("getOneRoomEvent", roomId=room, eventId=event_id)).body
    assert (pruned["content"], pruned["unsigned"]["redacted_because"]["redacts"]) == ({}, event_id)


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_create_event_names_its_creators(wang: Account, li: Account, version: str) -> None:
    room = await wang.create_room(li, preset="trusted_private_chat", room_version=version)
    create = (await state_of(wang, room))["m.room.create", ""]["content"]
    assert create.get("creator") == (wang.user_id if version == "10" else None)
    assert create.get("additional_creators") == ([li.user_id] if version == "12" else None)
    # Whoever is trusted may do what the creator may: here, change the levels.
    levels = (await li.state(room, "m.room.power_levels")).body
    await li.set_state(room, "m.room.power_levels", {**levels, "invite": 50})


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_redaction_may_be_sent_as_a_message(wang: Account, li: Account, version: str) -> None:
    room = await wang.create_room(li, room_version=version)
    event_id = await wang.say(room, "wrong room")
    content: dict[str, Any] = {"redacts": event_id, "reason": "mistake"}
    sent = await wang.send(room, content, event_type="m.room.redaction", transaction="once")
    again = await wang.send(room, content, event_type="m.room.redaction", transaction="once")
    assert sent["event_id"] == again["event_id"]
    (redaction,) = of_type((await li.messages(room))["chunk"], "m.room.redaction")
    assert (redaction["redacts"], redaction["content"]) == (event_id, content)
    assert bodies((await li.messages(room))["chunk"]) == []
    await wang.send(room, {"reason": "?"}, event_type="m.room.redaction", expect=(400, "M_BAD_JSON"))
    nothing = {"redacts": "$nothing"}
    await wang.send(room, nothing, event_type="m.room.redaction", expect=(404, "M_NOT_FOUND"))


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_second_create_event_is_refused(wang: Account, version: str) -> None:
    room = await wang.create_room(room_version=version)
    await wang.set_state(room, "m.room.create", {"room_version": version, "type": "x"}, expect=(403, "M_FORBIDDEN"))
