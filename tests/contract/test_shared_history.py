"""A room's history, shared with whoever is invited (MSC4268): its keys are with a device no later than the invitation.

A client that sees the invitation first would accept it without them, and its person would find sealed messages.
"""

import asyncio

from tests.contract.conftest import Homeserver
from tests.contract.contract import Answer
from tests.contract.people import Account, joined
from tests.contract.test_to_device import numbers, send


def invited(answer: Answer) -> list[str]:
    return list(answer.body.get("rooms", {}).get("invite", {}))


async def keys_for(sender: Account, to: Account, count: int) -> None:
    for number in range(count):
        await send(sender, to, {"n": number})


async def until_invited(account: Account, since: str | None) -> tuple[list[int], str]:
    """What came for the device with every answer up to the one that invites, and where that stands."""
    found: list[int] = []
    while True:
        answer = await account.sync(since, timeout_ms=20_000)
        found, since = found + numbers(answer), answer["next_batch"]
        if invited(answer):
            return found, answer["next_batch"]


async def test_keys_come_with_the_invitation(wang: Account, li: Account) -> None:
    room, since = await wang.create_room(), await li.position()
    await send(wang, li, {"n": 0})
    await wang.invite(room, li)
    assert numbers(await li.sync(since)) == [0]
    assert invited(await li.sync(since)) == [room]


async def test_an_invitation_waits_for_all_keys_before_it(wang: Account, li: Account) -> None:
    room, since = await wang.create_room(), await li.position()
    await keys_for(wang, li, 230)
    await wang.invite(room, li)
    found, after = await until_invited(li, since)
    assert found == list(range(230))
    # What came later comes later, and nothing comes twice.
    await send(wang, li, {"n": 230})
    assert numbers(await li.sync(after, timeout_ms=5_000)) == [230]


async def test_a_device_that_was_off_finds_them_at_its_first_sync(server: Homeserver, wang: Account) -> None:
    room, li = await wang.create_room(), await server.register("李医生")
    await keys_for(wang, li, 120)
    await wang.invite(room, li)
    answer = await li.sync()
    assert (numbers(answer), invited(answer)) == (list(range(120)), [room])


async def test_who_waits_is_woken_by_keys_and_never_by_the_invitation_alone(wang: Account, li: Account) -> None:
    room, since = await wang.create_room(), await li.position()
    async with asyncio.TaskGroup() as together:
        reading = together.create_task(until_invited(li, since))
        await keys_for(wang, li, 140)
        await wang.invite(room, li)
    assert reading.result()[0] == list(range(140))


async def test_what_waits_holds_back_messages_of_rooms_too(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    since = await li.position()
    await keys_for(wang, li, 101)
    await wang.say(room, "what the keys open")
    first = await li.sync(since)
    assert (numbers(first), "rooms" in first) == (list(range(100)), False)
    second = await li.sync(first["next_batch"], timeout_ms=5_000)
    assert numbers(second) == [100]
    assert [event["type"] for event in joined(second, room)["timeline"]["events"]] == ["m.room.message"]
