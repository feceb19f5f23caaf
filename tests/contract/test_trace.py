"""The trace of a message: who had it when, and who read it; for members, and with public receipts only."""

from urllib.parse import quote

from tests.contract.conftest import Homeserver
from tests.contract.own import own
from tests.contract.people import Account


def place(room: str, event_id: str) -> str:
    return f"/rooms/{quote(room)}/events/{quote(event_id, safe='')}/trace"


async def read(account: Account, room: str, event_id: str, kind: str = "m.read") -> None:
    await account.call("postReceipt", roomId=room, receiptType=kind, eventId=event_id, body={})


async def test_the_trace_names_everybody_who_was_to_have_it(wang: Account, li: Account, zhao: Account) -> None:
    room = await wang.create_room(li, invite=[li.user_id, zhao.user_id])
    said = await wang.say(room, "round at eight")
    answer = await own(wang, "GET", place(room, said))
    assert (answer["event_id"], answer["sender"], answer["device_id"]) == (said, wang.user_id, wang.device_id)
    people = {each["user_id"]: each for each in answer["recipients"]}
    assert set(people) == {li.user_id, zhao.user_id}
    assert people[li.user_id] | {"user_id": ""} == {
        "user_id": "",
        "state": "joined",
        "no_device": True,
        "delivered": [],
        "read": None,
    }
    assert people[zhao.user_id]["state"] == "invited"


async def test_a_receipt_is_reading_and_delivery_to_its_device(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    earlier, said = await wang.say(room, "one"), await wang.say(room, "two")
    await read(li, room, said)
    recipient = (await own(wang, "GET", place(room, said)))["recipients"][0]
    at = recipient["read"]["at"]
    assert recipient["delivered"] == [{"device_id": li.device_id, "at": at}]
    assert (await own(wang, "GET", place(room, earlier)))["recipients"][0]["read"] == {"at": at}


async def test_a_private_receipt_is_its_owners_affair(wang: Account, li: Account, zhao: Account) -> None:
    room = await wang.create_room(li, zhao)
    said = await wang.say(room, "round at eight")
    await read(li, room, said, "m.read.private")
    for account, knows in ((wang, False), (zhao, False), (li, True)):
        people = {each["user_id"]: each for each in (await own(account, "GET", place(room, said)))["recipients"]}
        assert (people[li.user_id]["read"] is not None) is knows
        assert bool(people[li.user_id]["delivered"]) is knows


async def test_whoever_may_not_see_the_message_is_told_nothing(
    server: Homeserver, wang: Account, li: Account, zhao: Account
) -> None:
    room = await wang.create_room(li)
    said = await wang.say(room, "round at eight")
    await own(zhao, "GET", place(room, said), expect=(404, "M_NOT_FOUND"))
    await own(wang, "GET", place(room, "$unknown"), expect=(404, "M_NOT_FOUND"))
    await own(wang, "GET", place(room, "nothing"), expect=(400, "M_INVALID_PARAM"))
    other = await zhao.create_room()
    await own(zhao, "GET", place(other, said), expect=(404, "M_NOT_FOUND"))
    await li.leave(room)
    await own(li, "GET", place(room, said), expect=(403, "M_FORBIDDEN"))


async def test_a_redacted_message_keeps_its_trace(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    said = await wang.say(room, "to the wrong room")
    await read(li, room, said)
    await wang.redact(room, said)
    assert (await own(wang, "GET", place(room, said)))["recipients"][0]["read"] is not None
