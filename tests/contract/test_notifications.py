"""What notified a person, over all of their rooms, the latest first."""

from typing import Any

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.people import Account, Event, joined

KEYWORD = {"actions": ["notify", {"set_tweak": "highlight"}], "pattern": "k+"}


async def notifications(account: Account, **query: Any) -> list[Event]:
    found: list[Event] = (await account.call("getNotifications", query=query))["notifications"]
    return found


def ids(found: list[Event]) -> list[str]:
    return [each["event"]["event_id"] for each in found]


async def test_what_notified_is_listed_with_what_was_read(wang: Account, li: Account) -> None:
    ward, icu = await wang.create_room(li), await wang.create_room(li)
    first = await wang.say(ward, "one")
    await li.say(ward, "my own")
    await wang.send(ward, {}, "m.reaction")
    second = await wang.say(icu, "for you", **{"m.mentions": {"user_ids": [li.user_id]}})
    found = await notifications(li)
    assert ids(found) == [second, first]
    assert [each["room_id"] for each in found] == [icu, ward]
    assert [each["actions"] for each in found] == [["notify", {"set_tweak": "highlight"}], ["notify"]]
    assert found[0]["event"]["content"]["body"] == "for you"
    assert [each["read"] for each in found] == [False, False]
    await li.call("postReceipt", roomId=ward, receiptType="m.read", eventId=first, body={})
    assert [each["read"] for each in await notifications(li)] == [False, True]


async def test_pages_follow_each_other(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    said = [await wang.say(room, str(number)) for number in range(7)]
    seen: list[str] = []
    token: str | None = None
    pages = 0
    while pages == 0 or token is not None:
        query = {"limit": 3, **({"from": token} if token else {})}
        page = (await li.call("getNotifications", query=query)).body
        seen += ids(page["notifications"])
        token, pages = page.get("next_token"), pages + 1
        # What comes meanwhile is on no later page.
        await wang.say(room, "later")
    assert (seen, pages) == ([*reversed(said)], 3)


async def test_only_highlights(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await wang.say(room, "nothing special")
    await li.call("setPushRule", kind="content", ruleId="potassium", body=KEYWORD)
    by_rule = await wang.say(room, "K+ 6.8")
    named = await wang.say(room, "see this", **{"m.mentions": {"user_ids": [li.user_id]}})
    assert ids(await notifications(li, only="highlight")) == [named, by_rule]


async def test_rooms_that_are_muted_or_left_are_not_listed(wang: Account, li: Account) -> None:
    muted, left = await wang.create_room(li), await wang.create_room(li)
    await wang.say(muted, "quiet")
    loud = await wang.say(muted, "for you", **{"m.mentions": {"user_ids": [li.user_id]}})
    await wang.say(left, "gone")
    await li.call("setPushRule", kind="room", ruleId=muted, body={"actions": []})
    await li.leave(left)
    assert ids(await notifications(li)) == [loud]
    await wang.redact(muted, loud)
    assert ids(await notifications(li)) == []


async def test_tokens_belong_to_one_person(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    for _ in range(3):
        await wang.say(room, "something")
        await li.say(room, "something else")
    token = (await li.call("getNotifications", query={"limit": 1}))["next_token"]
    position = token.partition(".")[0]
    for wrong in (position, f"{position}.", f"{position}.0000000000000000", "-1", "心", "x" * 5000, f"1{token}"):
        await li.call("getNotifications", query={"from": wrong}, expect=(400, "M_INVALID_PARAM"))
    await wang.call("getNotifications", query={"from": token}, expect=(400, "M_INVALID_PARAM"))
    assert len(await notifications(li, **{"from": token})) == 2


@pytest.mark.parametrize("query", [{"limit": "-1"}, {"limit": "many"}, {"limit": "9" * 40}, {"only": "everything"}])
async def test_what_cannot_be_asked(li: Account, query: Event) -> None:
    await li.call("getNotifications", query=query, expect=(400, "M_INVALID_PARAM"))
    assert await notifications(li, limit=0) == []


async def test_notifications_need_a_token(server: Homeserver) -> None:
    await server.call("getNotifications", expect=(401, "M_MISSING_TOKEN"))


# --- own rules and counts ---


async def counts(account: Account, room: str, since: str | None = None) -> tuple[int, int, str]:
    answer = await account.sync(since, timeout_ms=5000 if since else 0)
    found = joined(answer, room)["unread_notifications"]
    return found["notification_count"], found["highlight_count"], answer["next_batch"]


async def test_a_keyword_highlights_from_the_moment_it_is_set(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await wang.say(room, "K+ 6.8")
    await li.call("setPushRule", kind="content", ruleId="potassium", body=KEYWORD)
    await wang.say(room, "K+ 7.1")
    await wang.say(room, "ok+")
    assert (await counts(li, room))[:2] == (3, 1)


async def test_whoever_switches_messages_off_hears_their_mentions(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    for rule in ("message", "room_one_to_one"):
        place = {"kind": "underride", "ruleId": f".m.rule.{rule}"}
        await li.call("setPushRuleActions", **place, body={"actions": []})
    await wang.say(room, "nothing special")
    await wang.say(room, "for you", **{"m.mentions": {"user_ids": [li.user_id]}})
    assert (await counts(li, room))[:2] == (1, 1)


async def test_muting_and_unmuting_sends_the_counts_anew(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    await wang.say(room, "one")
    await wang.say(room, "two")
    notified, _, since = await counts(li, room)
    assert notified == 2
    await li.call("setPushRule", kind="room", ruleId=room, body={"actions": []})
    notified, _, since = await counts(li, room, since)
    assert notified == 0
    await li.call("setPushRuleEnabled", kind="room", ruleId=room, body={"enabled": False})
    assert (await counts(li, room, since))[0] == 2


async def test_rules_have_limits(li: Account) -> None:
    long = {"actions": [], "pattern": "a*" * 300}
    await li.call("setPushRule", kind="content", ruleId="long", body=long, expect=(400, "M_INVALID_PARAM"))
    condition = {"kind": "event_match", "key": "type", "pattern": "x"}
    many = {"actions": [], "conditions": [condition] * 30}
    await li.call("setPushRule", kind="override", ruleId="many", body=many, expect=(400, "M_INVALID_PARAM"))
    for number in range(200):
        await li.call("setPushRule", kind="sender", ruleId=f"@a{number}:hospital.test", body={"actions": []})
    await li.call("setPushRule", kind="sender", ruleId="@b:hospital.test", body={"actions": []}, expect=400)
