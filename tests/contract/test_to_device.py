"""To-device messages: to one device or to all of a person's, once, in order, and kept until they were received."""

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.contract import Answer, Expected
from tests.contract.people import Account, Event


async def send(
    sender: Account, to: Account, content: Event, device: str | None = None, transaction: str | None = None
) -> None:
    await sender.call(
        "sendToDevice",
        eventType="org.example.ring",
        txnId=transaction or f"t{next(sender.transactions)}",
        body={"messages": {to.user_id: {device or to.device_id: content}}},
    )


def received(answer: Answer) -> list[Event]:
    events: list[Event] = answer.body.get("to_device", {}).get("events", [])
    return events


def numbers(answer: Answer) -> list[int]:
    return [event["content"]["n"] for event in received(answer)]


async def test_it_reaches_the_device(wang: Account, li: Account) -> None:
    since = await li.position()
    await send(wang, li, {"n": 1})
    (event,) = received(await li.sync(since, timeout_ms=5_000))
    assert event == {"type": "org.example.ring", "sender": wang.user_id, "content": {"n": 1}}


async def test_it_reaches_only_that_device(server: Homeserver, wang: Account, li: Account) -> None:
    phone = await server.login(li)
    await send(wang, li, {"n": 1}, device=phone.device_id)
    assert numbers(await phone.sync()) == [1]
    assert numbers(await li.sync()) == []


async def test_a_star_means_every_device(server: Homeserver, wang: Account, li: Account) -> None:
    phone = await server.login(li)
    await send(wang, li, {"n": 1}, device="*")
    assert numbers(await phone.sync()) == numbers(await li.sync()) == [1]


async def test_it_waits_for_a_device_that_is_off(wang: Account, li: Account) -> None:
    for number in range(3):
        await send(wang, li, {"n": number})
    assert numbers(await li.sync()) == [0, 1, 2]


async def test_it_is_kept_until_the_device_says_that_it_came(wang: Account, li: Account) -> None:
    await send(wang, li, {"n": 1})
    first = await li.sync()
    # The answer may have been lost: asked again without the new token, the message comes again.
    assert numbers(first) == numbers(await li.sync()) == [1]
    acknowledged = await li.sync(first["next_batch"])
    assert numbers(acknowledged) == []
    assert numbers(await li.sync(acknowledged["next_batch"])) == []


async def test_many_come_in_order_and_none_is_lost(wang: Account, li: Account) -> None:
    since = await li.position()
    for number in range(120):
        await send(wang, li, {"n": number})
    found: list[int] = []
    while len(found) < 120:
        answer = await li.sync(since, timeout_ms=2_000)
        assert numbers(answer), f"only {len(found)} came"
        found += numbers(answer)
        since = answer["next_batch"]
    assert found == list(range(120))


async def test_a_retry_is_not_a_second_message(wang: Account, li: Account) -> None:
    for _ in range(2):
        await send(wang, li, {"n": 1}, transaction="once")
    assert numbers(await li.sync()) == [1]


async def test_unknown_people_and_devices_are_no_error(wang: Account, li: Account) -> None:
    await send(wang, li, {"n": 1}, device="NOSUCHDEVICE")
    assert numbers(await li.sync()) == []


async def test_nothing_comes_to_a_device_that_signed_out(server: Homeserver, wang: Account, li: Account) -> None:
    phone = await server.login(li)
    await send(wang, li, {"n": 1}, device=phone.device_id)
    await phone.call("logout")
    again = await server.login(li, device_id=phone.device_id)
    assert numbers(await again.sync()) == []


@pytest.mark.parametrize(
    ("content", "expect"), [(b"{", (400, "M_NOT_JSON")), (b"[]", (400, "M_BAD_JSON")), (b'{"messages":7}', 400)]
)
async def test_broken_bodies_are_refused(wang: Account, content: bytes, expect: Expected) -> None:
    await wang.call("sendToDevice", eventType="org.example.ring", txnId="t", content=content, expect=expect)


async def test_a_message_is_no_larger_than_an_event(wang: Account, li: Account) -> None:
    body = {"messages": {li.user_id: {li.device_id: {"text": "x" * 70_000}}}}
    await wang.call("sendToDevice", eventType="org.example.ring", txnId="t", body=body, expect=(413, "M_TOO_LARGE"))
    assert numbers(await li.sync()) == []


async def test_a_star_includes_the_device_that_sends(server: Homeserver, wang: Account) -> None:
    tablet = await server.login(wang)
    await send(wang, wang, {"n": 1}, device="*")
    assert numbers(await wang.sync()) == numbers(await tablet.sync()) == [1]


async def test_one_device_may_get_a_message_of_its_own(server: Homeserver, wang: Account, li: Account) -> None:
    phone = await server.login(li)
    body = {"messages": {li.user_id: {"*": {"n": 1}, phone.device_id: {"n": 2}}}}
    await wang.call("sendToDevice", eventType="org.example.ring", txnId="t", body=body)
    assert (numbers(await li.sync()), numbers(await phone.sync())) == ([1], [2])


async def test_keys_come_no_later_than_the_invitation(wang: Account, li: Account) -> None:
    # MSC4268: the history of a room is handed over before the invitation to it, however much waits besides.
    since = await li.position()
    for number in range(105):
        await send(wang, li, {"n": number})
    room = await wang.create_room()
    await wang.invite(room, li)
    found: list[int] = []
    invited = False
    while not invited:
        answer = await li.sync(since, timeout_ms=2_000)
        found += numbers(answer)
        since = answer["next_batch"]
        invited = room in answer.body.get("rooms", {}).get("invite", {})
    assert found == list(range(105))


async def test_it_needs_a_token(server: Homeserver) -> None:
    place = {"eventType": "org.example.ring", "txnId": "t"}
    await server.call("sendToDevice", **place, body={"messages": {}}, expect=(401, "M_MISSING_TOKEN"))
