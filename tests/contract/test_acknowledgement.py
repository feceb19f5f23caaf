"""Acknowledging a message (收到): asked for by its sender, given by those who are asked, once, and seen by all."""

import asyncio
import json
import time
from typing import Any
from urllib.parse import quote

import pytest

from tests.contract.contract import Answer, Expected
from tests.contract.own import own
from tests.contract.people import Account, of_type, timeline

HOUR_MS = 3_600_000
REQUEST, ACK, REMINDER = (f"org.myelin.ack.{kind}" for kind in ("request", "ack", "reminder"))


def soon() -> int:
    return int(time.time() * 1000) + HOUR_MS


def place(room: str, event_id: str) -> str:
    return f"/rooms/{quote(room)}/events/{quote(event_id, safe='')}"


async def ask(
    account: Account, room: str, said: str, *people: Account, until: int | None = None, expect: Expected = 200
) -> Answer:
    who: dict[str, Any] = {"user_ids": [each.user_id for each in people]} if people else {"everybody": True}
    body = {**who, "until": soon() if until is None else until}
    return await own(account, "PUT", f"{place(room, said)}/ack_request", body=body, expect=expect)


async def acknowledge(account: Account, room: str, said: str, expect: Expected = 200) -> Answer:
    return await own(account, "PUT", f"{place(room, said)}/ack", expect=expect)


async def remind(account: Account, room: str, said: str, expect: Expected = 200) -> Answer:
    return await own(account, "POST", f"{place(room, said)}/ack_request/remind", expect=expect)


async def standing(account: Account, room: str, said: str, expect: Expected = 200) -> Answer:
    return await own(account, "GET", f"{place(room, said)}/ack", expect=expect)


def reference(said: str) -> dict[str, Any]:
    return {"m.relates_to": {"rel_type": "m.reference", "event_id": said}}


async def test_everybody_is_asked_and_whoever_answers_is_no_longer_missing(
    wang: Account, li: Account, zhao: Account
) -> None:
    room = await wang.create_room(li, zhao)
    said = await wang.say(room, "fasting from midnight")
    await ask(wang, room, said)
    answer = await standing(li, room, said)
    assert set(answer["asked"]) == set(answer["missing"]) == {li.user_id, zhao.user_id}
    assert answer["until"] > time.time() * 1000
    await acknowledge(li, room, said)
    answer = await standing(wang, room, said)
    assert [(each["user_id"], each["device_id"]) for each in answer["acked"]] == [(li.user_id, li.device_id)]
    assert answer["acked"][0]["at"] <= answer["until"]
    assert answer["missing"] == [zhao.user_id]


async def test_the_events_are_clear_and_refer_to_the_message(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, initial_state=[ENCRYPTION])
    said = (await wang.send(room, SECRET, "m.room.encrypted"))["event_id"]
    since = await li.position()
    request = (await ask(wang, room, said, li))["event_id"]
    reminder = await remind(wang, room, said)
    assert reminder["missing"] == [li.user_id]
    ack = (await acknowledge(li, room, said))["event_id"]
    events = timeline(await li.sync(since), room)
    assert [(each["type"], each["event_id"], each["sender"]) for each in events] == [
        (REQUEST, request, wang.user_id),
        (REMINDER, reminder["event_id"], wang.user_id),
        (ACK, ack, li.user_id),
    ]
    assert all(each["content"]["m.relates_to"] == reference(said)["m.relates_to"] for each in events)
    assert events[1]["content"]["m.mentions"] == {"user_ids": [li.user_id]}


ENCRYPTION = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
SECRET = {
    "algorithm": "m.megolm.v1.aes-sha2",
    "ciphertext": "x",
    "session_id": "x",
    "device_id": "x",
    "sender_key": "x",
}


async def test_a_reminder_highlights_the_missing_and_the_request_nobody(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    said = await wang.say(room, "fasting from midnight")
    await li.call("postReceipt", roomId=room, receiptType="m.read", eventId=said, body={})

    async def counts() -> tuple[int, int]:
        unread = (await li.sync())["rooms"]["join"][room]["unread_notifications"]
        return unread["notification_count"], unread["highlight_count"]

    await ask(wang, room, said)
    assert await counts() == (0, 0)
    await remind(wang, room, said)
    assert await counts() == (1, 1)


async def test_what_is_said_twice_is_there_once(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    said = await wang.say(room, "fasting from midnight")
    until = soon()
    requests = [(await ask(wang, room, said, li, until=until))["event_id"] for _ in range(2)]
    assert requests[0] == requests[1]
    since = await li.position()
    acks = await asyncio.gather(*(acknowledge(li, room, said) for _ in range(8)))
    assert len({ack["event_id"] for ack in acks}) == 1
    assert len(of_type(timeline(await li.sync(since), room), ACK)) == 1


async def test_the_latest_request_counts_and_who_acknowledged_has_done_so(
    wang: Account, li: Account, zhao: Account
) -> None:
    room = await wang.create_room(li, zhao)
    said = await wang.say(room, "fasting from midnight")
    await ask(wang, room, said, li)
    await acknowledge(zhao, room, said, expect=(403, "M_FORBIDDEN"))
    await acknowledge(li, room, said)
    until = soon() + HOUR_MS
    await ask(wang, room, said, li, zhao, until=until)
    answer = await standing(wang, room, said)
    assert (answer["until"], answer["missing"]) == (until, [zhao.user_id])


async def test_reminders_come_once_a_minute(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    said = await wang.say(room, "fasting from midnight")
    await remind(wang, room, said, expect=(403, "M_FORBIDDEN"))
    await ask(wang, room, said)
    await remind(li, room, said, expect=(403, "M_FORBIDDEN"))
    await remind(wang, room, said)
    refusal = await remind(wang, room, said, expect=(429, "M_LIMIT_EXCEEDED"))
    assert 0 < refusal["retry_after_ms"] <= 60_000
    await acknowledge(li, room, said)
    await remind(wang, room, said, expect=(403, "M_FORBIDDEN"))


async def test_only_the_sender_asks_and_only_others_who_are_there(wang: Account, li: Account, zhao: Account) -> None:
    room = await wang.create_room(li)
    said = await wang.say(room, "fasting from midnight")
    await standing(wang, room, said, expect=(404, "M_NOT_FOUND"))
    forbidden = (403, "M_FORBIDDEN")
    await ask(li, room, said, wang, expect=forbidden)
    await ask(zhao, room, said, li, expect=forbidden)
    await ask(wang, room, said, zhao, expect=forbidden)
    await ask(wang, room, said, wang, li, expect=forbidden)
    await ask(wang, room, said, li, until=1, expect=forbidden)
    await ask(wang, room, "$unknown", li, expect=(404, "M_NOT_FOUND"))
    alone = await wang.create_room()
    await ask(wang, alone, await wang.say(alone, "x"), expect=(400, "M_BAD_JSON"))
    path, until = f"{place(room, said)}/ack_request", soon()
    for body in ({"until": until}, {"until": until, "user_ids": [], "everybody": True}, {"until": "x", "user_ids": []}):
        await own(wang, "PUT", path, body=body, expect=(400, "M_BAD_JSON"))
    await own(wang, "PUT", path, body={"everybody": True}, expect=(400, "M_MISSING_PARAM"))
    await standing(wang, room, said, expect=(404, "M_NOT_FOUND"))
    await standing(zhao, room, said, expect=(404, "M_NOT_FOUND"))


async def test_who_has_left_is_not_missing_and_does_not_acknowledge(wang: Account, li: Account, zhao: Account) -> None:
    room = await wang.create_room(li, zhao)
    said = await wang.say(room, "fasting from midnight")
    await ask(wang, room, said)
    await li.leave(room)
    await acknowledge(li, room, said, expect=(403, "M_FORBIDDEN"))
    assert (await standing(zhao, room, said))["missing"] == [zhao.user_id]
    await standing(li, room, said, expect=(403, "M_FORBIDDEN"))


async def test_a_recalled_message_is_not_acknowledged(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    said = await wang.say(room, "wrong room")
    await ask(wang, room, said)
    await wang.redact(room, said)
    await acknowledge(li, room, said, expect=(403, "M_FORBIDDEN"))
    await remind(wang, room, said, expect=(403, "M_FORBIDDEN"))
    await ask(wang, room, said, li, until=soon() + 1, expect=(403, "M_FORBIDDEN"))


async def test_after_its_time_nobody_acknowledges(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    said = await wang.say(room, "now or never")
    until = int(time.time() * 1000) + 400
    await ask(wang, room, said, li, until=until)
    # The server's time passes with a long poll that nothing ends.
    await li.sync(await li.position(), timeout_ms=700)
    await acknowledge(li, room, said, expect=(403, "M_FORBIDDEN"))
    assert (await standing(wang, room, said))["missing"] == [li.user_id]


async def test_what_was_acknowledged_stays(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    said = await wang.say(room, "fasting from midnight")
    request = (await ask(wang, room, said))["event_id"]
    ack = (await acknowledge(li, room, said))["event_id"]
    await wang.redact(room, request, expect=(403, "M_FORBIDDEN"))
    await li.redact(room, ack, expect=(403, "M_FORBIDDEN"))


async def test_the_same_rules_hold_for_whoever_sends_the_events_himself(
    wang: Account, li: Account, zhao: Account
) -> None:
    room = await wang.create_room(li, zhao)
    said = await wang.say(room, "fasting from midnight")
    forbidden = (403, "M_FORBIDDEN")
    wanted = {**reference(said), "user_ids": [li.user_id], "until": soon()}
    await li.send(room, wanted, REQUEST, expect=forbidden)
    await wang.send(room, wanted, REQUEST)
    await zhao.send(room, reference(said), ACK, expect=forbidden)
    nobody = {**reference(said), "m.mentions": {"user_ids": [zhao.user_id]}}
    await wang.send(room, nobody, REMINDER, expect=(400, "M_BAD_JSON"))
    await li.send(room, reference(said), ACK)
    await li.send(room, reference(said), ACK, expect=(400, "M_DUPLICATE_ANNOTATION"))
    answer = await standing(zhao, room, said)
    assert ([each["user_id"] for each in answer["acked"]], answer["missing"]) == ([li.user_id], [])


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"m.relates_to": {"rel_type": "m.thread", "event_id": "SAID"}},
        {"m.relates_to": {"rel_type": "m.reference", "event_id": 7}},
        {"m.relates_to": [], "user_ids": [], "until": 1},
        {**reference("SAID"), "user_ids": "everybody", "until": 9_000_000_000_000},
        {**reference("SAID"), "user_ids": ["@x:y", "@x:y"], "until": 9_000_000_000_000},
        {**reference("SAID"), "user_ids": ["not a user"], "until": 9_000_000_000_000},
        {**reference("SAID"), "user_ids": [7], "until": 9_000_000_000_000},
        {**reference("SAID"), "user_ids": ["LI"], "until": True},
    ],
)
async def test_broken_requests_are_refused(wang: Account, li: Account, content: dict[str, Any]) -> None:
    room = await wang.create_room(li)
    said = await wang.say(room, "fasting from midnight")
    filled = json.loads(json.dumps(content).replace("SAID", said).replace("LI", li.user_id))
    answer = await wang.contract.http.put(
        f"/_matrix/client/v3/rooms/{quote(room)}/send/{REQUEST}/x",
        json=filled,
        headers={"Authorization": f"Bearer {wang.access_token}"},
    )
    assert answer.status_code in (400, 403, 404), answer.text
    await wang.set_state(room, REQUEST, {**reference(said), "user_ids": [li.user_id], "until": soon()}, expect=400)
