"""Device keys: uploaded once, asked for by others, and one-time keys that are given out once."""

import asyncio

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.keys import DeviceKeys
from tests.contract.people import Account

SIGNED = "signed_curve25519"


def keys_of(account: Account) -> DeviceKeys:
    return DeviceKeys(account.user_id, account.device_id)


async def claim(account: Account, of: Account, algorithm: str = SIGNED) -> dict[str, object]:
    """Map the name of the claimed key to the key; empty where there was none to give."""
    body = {"one_time_keys": {of.user_id: {of.device_id: algorithm}}}
    found = (await account.call("claimKeys", body=body))["one_time_keys"]
    keys: dict[str, object] = found.get(of.user_id, {}).get(of.device_id, {})
    return keys


async def test_device_keys_are_found_by_others(wang: Account, li: Account) -> None:
    identity = keys_of(wang).identity()
    await wang.call("uploadKeys", body={"device_keys": identity})
    answer = await li.call("queryKeys", body={"device_keys": {wang.user_id: []}})
    found = answer["device_keys"][wang.user_id][wang.device_id]
    unsigned = found.pop("unsigned", {})
    assert found == identity
    assert "device_display_name" in unsigned or unsigned == {}
    assert answer.body.get("failures", {}) == {}


async def test_the_name_of_a_device_is_shown_beside_its_keys(wang: Account, li: Account) -> None:
    await wang.call("updateDevice", deviceId=wang.device_id, body={"display_name": "ward tablet"})
    await wang.call("uploadKeys", body={"device_keys": keys_of(wang).identity()})
    answer = await li.call("queryKeys", body={"device_keys": {wang.user_id: []}})
    found = answer["device_keys"][wang.user_id][wang.device_id]
    assert found["unsigned"] == {"device_display_name": "ward tablet"}


async def test_keys_that_their_device_did_not_sign_are_refused(wang: Account) -> None:
    forged = {**keys_of(wang).identity(), "algorithms": ["m.other"]}
    await wang.call("uploadKeys", body={"device_keys": forged}, expect=(400, "M_INVALID_SIGNATURE"))
    lacking = keys_of(wang).identity()
    del lacking["keys"][f"ed25519:{wang.device_id}"]
    await wang.call("uploadKeys", body={"device_keys": lacking}, expect=(400, "M_INVALID_PARAM"))


@pytest.mark.parametrize("name", ["signed_curve25519", ":x", "signed_curve25519:", "a:" + "b" * 300])
async def test_one_time_keys_are_named_by_algorithm_and_id(wang: Account, name: str) -> None:
    body = {"one_time_keys": {name: keys_of(wang).signed_key()}}
    await wang.call("uploadKeys", body=body, expect=(400, "M_INVALID_PARAM"))


async def test_there_is_one_fallback_key_for_each_algorithm(wang: Account) -> None:
    keys = keys_of(wang)
    two = {f"{SIGNED}:{name}": keys.signed_key(fallback=True) for name in ("one", "two")}
    await wang.call("uploadKeys", body={"fallback_keys": two}, expect=(400, "M_INVALID_PARAM"))


async def test_nothing_is_claimed_of_those_who_have_nothing(wang: Account, li: Account) -> None:
    wanted = {li.user_id: {li.device_id: SIGNED, "NOSUCHDEVICE": SIGNED}, "@nobody:example.org": {"X": SIGNED}}
    answer = await wang.call("claimKeys", body={"one_time_keys": wanted})
    assert (answer["one_time_keys"], answer["failures"]) == ({}, {})


async def test_changes_need_both_ends(wang: Account) -> None:
    since = await wang.position()
    await wang.call("getKeysChanges", query={"from": since}, expect=(400, "M_MISSING_PARAM"))
    await wang.call("getKeysChanges", query={"from": since, "to": "nonsense!"}, expect=(400, "M_INVALID_PARAM"))
    # A client that mixes them up has missed nothing.
    later = await wang.position()
    assert (await wang.call("getKeysChanges", query={"from": later, "to": since}))["changed"] == []


async def test_one_device_may_be_asked_for(server: Homeserver, wang: Account) -> None:
    phone = await server.login(wang)
    for device in (wang, phone):
        await device.call("uploadKeys", body={"device_keys": keys_of(device).identity()})
    answer = await wang.call("queryKeys", body={"device_keys": {wang.user_id: [phone.device_id]}})
    assert list(answer["device_keys"][wang.user_id]) == [phone.device_id]


async def test_people_without_keys_are_not_an_error(wang: Account, li: Account) -> None:
    answer = await wang.call("queryKeys", body={"device_keys": {li.user_id: []}})
    # Clients ask again and again for whoever is left out.
    assert answer["device_keys"] == {li.user_id: {}}


async def test_the_same_keys_again_are_accepted_and_others_refused(wang: Account, li: Account) -> None:
    identity = keys_of(wang).identity()
    await wang.call("uploadKeys", body={"device_keys": identity})
    await wang.call("uploadKeys", body={"device_keys": identity})
    other = keys_of(wang).identity()
    await wang.call("uploadKeys", body={"device_keys": other}, expect=400)
    answer = await li.call("queryKeys", body={"device_keys": {wang.user_id: []}})
    assert answer["device_keys"][wang.user_id][wang.device_id]["keys"] == identity["keys"]


async def test_keys_are_uploaded_for_oneself_only(wang: Account, li: Account) -> None:
    await wang.call("uploadKeys", body={"device_keys": keys_of(li).identity()}, expect=400)
    answer = await wang.call("queryKeys", body={"device_keys": {li.user_id: []}})
    assert answer["device_keys"].get(li.user_id, {}) == {}


async def test_each_one_time_key_is_given_out_once_in_the_order_of_upload(wang: Account, li: Account) -> None:
    keys = keys_of(wang)
    early, late = keys.one_time_keys(2), keys.one_time_keys(2)
    await wang.call("uploadKeys", body={"device_keys": keys.identity(), "one_time_keys": late})
    counts = (await wang.call("uploadKeys", body={"one_time_keys": early}))["one_time_key_counts"]
    assert counts[SIGNED] == 4
    claimed = [next(iter((await claim(li, wang)).items())) for _ in range(4)]
    assert dict(claimed[:2]) == late
    assert dict(claimed[2:]) == early
    assert await claim(li, wang) == {}


async def test_claims_at_the_same_moment_get_different_keys(wang: Account, li: Account) -> None:
    keys = keys_of(wang)
    await wang.call("uploadKeys", body={"device_keys": keys.identity(), "one_time_keys": keys.one_time_keys(6)})
    claimed = await asyncio.gather(*(claim(li, wang) for _ in range(8)))
    names = [name for answer in claimed for name in answer]
    assert len(names) == len(set(names)) == 6


async def test_a_key_name_means_one_key(wang: Account) -> None:
    keys = keys_of(wang)
    (name,) = batch = keys.one_time_keys(1)
    await wang.call("uploadKeys", body={"one_time_keys": batch})
    again = await wang.call("uploadKeys", body={"one_time_keys": batch})
    assert again["one_time_key_counts"][SIGNED] == 1
    await wang.call("uploadKeys", body={"one_time_keys": {name: keys.signed_key()}}, expect=400)


async def test_the_fallback_key_is_given_out_when_nothing_else_is_left(wang: Account, li: Account) -> None:
    keys = keys_of(wang)
    fallback = {f"{SIGNED}:fallback": keys.signed_key(fallback=True)}
    body = {"device_keys": keys.identity(), "one_time_keys": keys.one_time_keys(1), "fallback_keys": fallback}
    await wang.call("uploadKeys", body=body)
    assert (await wang.sync())["device_unused_fallback_key_types"] == [SIGNED]
    assert await claim(li, wang) == body["one_time_keys"]
    assert (await wang.sync())["device_unused_fallback_key_types"] == [SIGNED]
    assert await claim(li, wang) == await claim(li, wang) == fallback
    assert (await wang.sync())["device_unused_fallback_key_types"] == []


async def test_of_too_many_one_time_keys_the_newest_are_kept(wang: Account, li: Account) -> None:
    keys = keys_of(wang)
    await wang.call("uploadKeys", body={"device_keys": keys.identity(), "one_time_keys": keys.one_time_keys(150)})
    answer = await wang.call("uploadKeys", body={"one_time_keys": keys.one_time_keys(150)})
    assert answer["one_time_key_counts"] == {SIGNED: 200}
    assert list(await claim(li, wang)) == [f"{SIGNED}:000100"]


async def test_every_sync_counts_the_one_time_keys(wang: Account, li: Account) -> None:
    # Absent means zero to Element Web, which then uploads new keys after each sync.
    answer = await wang.sync()
    assert answer["device_one_time_keys_count"][SIGNED] == 0
    assert answer["device_unused_fallback_key_types"] == []
    keys = keys_of(wang)
    await wang.call("uploadKeys", body={"device_keys": keys.identity(), "one_time_keys": keys.one_time_keys(3)})
    answer = await wang.sync(answer["next_batch"], timeout_ms=5_000)
    assert answer["device_one_time_keys_count"][SIGNED] == 3
    await claim(li, wang)
    assert (await wang.sync(answer["next_batch"], timeout_ms=5_000))["device_one_time_keys_count"][SIGNED] == 2


async def test_members_learn_of_new_keys(wang: Account, li: Account) -> None:
    await wang.create_room(li)
    since = await li.position()
    await wang.call("uploadKeys", body={"device_keys": keys_of(wang).identity()})
    answer = await li.sync(since, timeout_ms=5_000)
    assert wang.user_id in answer["device_lists"]["changed"]


async def test_strangers_do_not_learn_of_new_keys(wang: Account, li: Account) -> None:
    since = await li.position()
    await wang.call("uploadKeys", body={"device_keys": keys_of(wang).identity()})
    answer = await li.sync(since)
    assert wang.user_id not in answer.body.get("device_lists", {}).get("changed", [])


async def test_changes_are_those_between_two_positions(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await wang.call("uploadKeys", body={"device_keys": keys_of(wang).identity()})
    first = await li.position()
    quiet = await li.call("getKeysChanges", query={"from": first, "to": first})
    assert (quiet.body.get("changed", []), quiet.body.get("left", [])) == ([], [])
    await wang.leave(room)
    second = await li.position()
    assert (await li.call("getKeysChanges", query={"from": first, "to": second}))["left"] == [wang.user_id]


async def test_joining_shows_whose_keys_are_new_to_me(wang: Account, li: Account) -> None:
    room = await wang.create_room()
    since = await li.position()
    await wang.invite(room, li)
    await li.join(room)
    answer = await li.sync(since)
    assert wang.user_id in answer["device_lists"]["changed"]


async def test_a_gone_device_has_no_keys(server: Homeserver, wang: Account, li: Account) -> None:
    await wang.create_room(li)
    phone = await server.login(wang)
    keys = keys_of(phone)
    await phone.call("uploadKeys", body={"device_keys": keys.identity(), "one_time_keys": keys.one_time_keys(1)})
    since = await li.position()
    await phone.call("logout")
    assert wang.user_id in (await li.sync(since, timeout_ms=5_000))["device_lists"]["changed"]
    found = await li.call("queryKeys", body={"device_keys": {wang.user_id: []}})
    assert phone.device_id not in found["device_keys"].get(wang.user_id, {})
    assert await claim(li, phone) == {}


@pytest.mark.parametrize("operation", ["uploadKeys", "queryKeys", "claimKeys"])
async def test_broken_bodies_are_refused(wang: Account, operation: str) -> None:
    await wang.call(operation, content=b"{", expect=(400, "M_NOT_JSON"))
    await wang.call(operation, content=b"[]", expect=(400, "M_BAD_JSON"))


@pytest.mark.parametrize("operation", ["uploadKeys", "queryKeys", "claimKeys"])
async def test_keys_need_a_token(server: Homeserver, operation: str) -> None:
    await server.call(operation, body={}, expect=(401, "M_MISSING_TOKEN"))
