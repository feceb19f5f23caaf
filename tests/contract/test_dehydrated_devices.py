"""Dehydrated devices (MSC3814): one for each person, found and written to like any other, emptied by nobody."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.contract import Answer, Expected
from tests.contract.keys import CrossSigning, DeviceKeys
from tests.contract.own import asked
from tests.contract.people import Account, Event

PATH = "/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device"
SIGNED = "signed_curve25519"
DATA = {"algorithm": "org.matrix.msc3814.v2", "device_pickle": "opaque", "nonce": "opaque too"}
# The id is a key in Base64, and has a slash now and then.
FIRST, SECOND = "abc/def+ghi", "jkl/mno+pqr"
NOTHING_THERE = (404, "M_NOT_FOUND")
NOT_YOURS = (403, "M_FORBIDDEN")


def upload_of(account: Account, device_id: str, one_time_keys: int = 2, **changed: Any) -> Event:
    keys = DeviceKeys(account.user_id, device_id)
    return {
        "device_id": device_id,
        "device_data": DATA,
        "initial_device_display_name": "dehydrated",
        "device_keys": keys.identity(dehydrated=True),
        "one_time_keys": keys.one_time_keys(one_time_keys),
        "fallback_keys": {f"{SIGNED}:spare": keys.signed_key(fallback=True)},
        **changed,
    }


async def dehydrate(account: Account, device_id: str = FIRST, expect: Expected = 200, **changed: Any) -> Answer:
    body = upload_of(account, device_id, **changed)
    return await asked(account, "PUT", PATH, body=body, expect=expect)


async def dehydrated(account: Account, expect: Expected = 200) -> Answer:
    return await asked(account, "GET", PATH, expect=expect)


async def events(account: Account, device_id: str = FIRST, expect: Expected = 200, since: str | None = None) -> Answer:
    query = {"from": since} if since is not None else None
    return await asked(account, "GET", f"{PATH}/{quote(device_id, safe='')}/events", query=query, expect=expect)


async def posted(account: Account, device_id: str = FIRST, **body: Any) -> Answer:
    return await asked(account, "POST", f"{PATH}/{quote(device_id, safe='')}/events", body=body)


async def write_to(sender: Account, to: Account, count: int, device_id: str = FIRST) -> None:
    for number in range(count):
        body = {"messages": {to.user_id: {device_id: {"n": number}}}}
        transaction = f"t{next(sender.transactions)}"
        await sender.call("sendToDevice", eventType="org.example.key", txnId=transaction, body=body)


def numbers(answer: Answer) -> list[int]:
    return [event["content"]["n"] for event in answer["events"]]


async def devices_of(asker: Account, owner: Account) -> dict[str, Any]:
    found: dict[str, Any] = (await asker.call("queryKeys", body={"device_keys": {owner.user_id: []}}))["device_keys"]
    devices: dict[str, Any] = found[owner.user_id]
    return devices


async def test_what_was_uploaded_comes_back(wang: Account) -> None:
    await dehydrated(wang, NOTHING_THERE)
    assert (await dehydrate(wang)).body == {"device_id": FIRST}
    assert (await dehydrated(wang)).body == {"device_id": FIRST, "device_data": DATA}


async def test_it_is_a_device_like_any_other(wang: Account, li: Account) -> None:
    await dehydrate(wang)
    found = (await devices_of(li, wang))[FIRST]
    assert found["dehydrated"] is True and found["unsigned"] == {"device_display_name": "dehydrated"}
    listed = (await wang.call("getDevices"))["devices"]
    assert {device["device_id"] for device in listed} == {wang.device_id, FIRST}


async def test_its_keys_are_given_out_once_and_then_the_fallback(wang: Account, li: Account) -> None:
    await dehydrate(wang)
    body = {"one_time_keys": {wang.user_id: {FIRST: SIGNED}}}
    names = []
    for _ in range(4):
        claimed = (await li.call("claimKeys", body=body))["one_time_keys"][wang.user_id][FIRST]
        names += list(claimed)
    assert names == [f"{SIGNED}:000000", f"{SIGNED}:000001", f"{SIGNED}:spare", f"{SIGNED}:spare"]


async def test_messages_wait_for_it_and_stay(wang: Account, li: Account) -> None:
    await dehydrate(wang)
    await write_to(li, wang, 3)
    for _ in range(2):
        answer = await events(wang)
        assert numbers(answer) == [0, 1, 2] and "next_batch" not in answer.body
    assert answer["events"][0] == {"type": "org.example.key", "sender": li.user_id, "content": {"n": 0}}


async def test_many_come_in_batches_from_first_to_last(wang: Account, li: Account) -> None:
    await dehydrate(wang)
    await write_to(li, wang, 205)
    answer = await events(wang)
    found = numbers(answer)
    while "next_batch" in answer.body:
        answer = await events(wang, since=answer["next_batch"])
        found += numbers(answer)
    assert found == list(range(205))


async def test_by_post_an_empty_batch_is_the_end(wang: Account, li: Account) -> None:
    await dehydrate(wang)
    await write_to(li, wang, 105)
    found, answer = [], await posted(wang)
    while answer["events"]:
        found += numbers(answer)
        answer = await posted(wang, next_batch=answer["next_batch"])
    assert found == list(range(105)) and answer["next_batch"]


async def test_exactly_one_batch_is_the_last(wang: Account, li: Account) -> None:
    await dehydrate(wang)
    await write_to(li, wang, 100)
    answer = await events(wang)
    assert len(answer["events"]) == 100 and "next_batch" not in answer.body


async def test_a_new_one_takes_the_place_of_the_old(wang: Account, li: Account) -> None:
    await dehydrate(wang, FIRST)
    await write_to(li, wang, 1)
    await dehydrate(wang, SECOND)
    assert (await dehydrated(wang))["device_id"] == SECOND
    assert set(await devices_of(li, wang)) == {SECOND}
    await events(wang, FIRST, NOT_YOURS)
    assert (await events(wang, SECOND))["events"] == []


async def test_to_upload_again_loses_nothing(wang: Account, li: Account) -> None:
    body = upload_of(wang, FIRST)
    for _ in range(2):
        await asked(wang, "PUT", PATH, body=body)
        await write_to(li, wang, 1)
    assert numbers(await events(wang)) == [0, 0]


async def test_others_hear_of_it_once(wang: Account, li: Account) -> None:
    await wang.create_room(li)
    await dehydrate(wang, FIRST)
    since = await li.position()
    await dehydrate(wang, SECOND)
    answer = await li.sync(since, timeout_ms=10_000)
    assert answer["device_lists"]["changed"] == [wang.user_id]
    again = await li.sync(answer["next_batch"])
    assert "device_lists" not in again.body and again["rooms"] == {}


async def test_reading_it_is_no_news(wang: Account, li: Account) -> None:
    await dehydrate(wang)
    await write_to(li, wang, 1)
    since = await wang.position()
    await events(wang)
    await dehydrated(wang)
    assert (await wang.sync(since))["next_batch"].split(".")[0] == since.split(".")[0]


async def test_it_can_be_deleted(wang: Account, li: Account) -> None:
    await dehydrate(wang)
    assert (await asked(wang, "DELETE", PATH)).body == {"device_id": FIRST}
    await dehydrated(wang, NOTHING_THERE)
    await asked(wang, "DELETE", PATH, expect=NOTHING_THERE)
    await events(wang, FIRST, NOT_YOURS)
    assert await devices_of(li, wang) == {}


async def test_it_goes_with_every_session(server: Homeserver, wang: Account, li: Account) -> None:
    await dehydrate(wang)
    await wang.call("logout_all")
    assert await devices_of(li, wang) == {}
    await dehydrated(await server.login(wang), NOTHING_THERE)


async def test_it_stays_when_the_last_device_goes(server: Homeserver, wang: Account, li: Account) -> None:
    await dehydrate(wang)
    await wang.call("logout")
    await write_to(li, wang, 2)
    wang = await server.login(wang)
    assert numbers(await events(wang)) == [0, 1]


async def test_it_goes_with_the_account(wang: Account, li: Account) -> None:
    await dehydrate(wang)
    await wang.confirmed("deactivateAccount", body={})
    assert await devices_of(li, wang) == {}


async def test_it_can_be_deleted_like_any_device(wang: Account) -> None:
    await dehydrate(wang, "plain")
    await wang.confirmed("deleteDevice", deviceId="plain")
    await dehydrated(wang, NOTHING_THERE)


async def test_nobody_signs_in_on_it(server: Homeserver, wang: Account) -> None:
    await dehydrate(wang)
    body = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": wang.user_id},
        "password": wang.password,
        "device_id": FIRST,
    }
    await server.call("login", body=body, expect=NOT_YOURS)
    assert (await dehydrated(wang))["device_id"] == FIRST


async def test_others_cannot_reach_it(wang: Account, li: Account) -> None:
    await dehydrate(wang)
    await dehydrated(li, NOTHING_THERE)
    await events(li, FIRST, NOT_YOURS)
    for method in ("GET", "PUT", "DELETE"):
        await asked(None, method, PATH, body={}, expect=(401, "M_MISSING_TOKEN"), contract=wang.contract)


@pytest.mark.parametrize("token", ["", "d", "x12", "d-2", "d1x", "d" + "9" * 40, "d٣"])
async def test_a_token_that_nobody_gave_is_refused(wang: Account, token: str) -> None:
    await dehydrate(wang)
    await events(wang, FIRST, (400, "M_INVALID_PARAM"), since=token)


async def test_it_cannot_be_a_device_with_a_session(server: Homeserver, wang: Account) -> None:
    phone = await server.login(wang)
    await dehydrate(wang, phone.device_id, (400, "M_INVALID_PARAM"))
    await phone.sync()


async def test_it_is_not_called_like_a_cross_signing_key(wang: Account) -> None:
    identity = CrossSigning(wang.user_id)
    await wang.call("uploadCrossSigningKeys", body=identity.upload())
    await dehydrate(wang, identity.master.public, NOT_YOURS)


@pytest.mark.parametrize(
    ("changed", "errcode"),
    [
        ({"device_id": ""}, "M_INVALID_PARAM"),
        ({"device_id": "x" * 256}, "M_INVALID_PARAM"),
        ({"device_id": "other"}, "M_INVALID_PARAM"),
        ({"device_data": {}}, "M_INVALID_PARAM"),
        ({"device_data": []}, "M_BAD_JSON"),
        ({"device_keys": {}}, "M_BAD_JSON"),
        ({"one_time_keys": {"nameless": "x"}}, "M_INVALID_PARAM"),
        ({"fallback_keys": {"a:1": "x", "a:2": "y"}}, "M_INVALID_PARAM"),
        ({"initial_device_display_name": "x" * 10_000}, "M_INVALID_PARAM"),
    ],
)
async def test_what_is_no_device_is_refused(wang: Account, changed: Event, errcode: str) -> None:
    body = {**upload_of(wang, FIRST), **changed}
    await asked(wang, "PUT", PATH, body=body, expect=(400, errcode))
    await dehydrated(wang, NOTHING_THERE)


async def test_keys_are_not_left_out(wang: Account) -> None:
    body = upload_of(wang, FIRST)
    del body["device_keys"]
    await asked(wang, "PUT", PATH, body=body, expect=(400, "M_MISSING_PARAM"))
