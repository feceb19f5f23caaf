"""Push rules: the default ones, one's own, and the two ways in which clients read them."""

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.people import Account, Event, joined

KINDS = ("override", "content", "room", "sender", "underride")
KEYWORD = {"actions": ["notify", {"set_tweak": "highlight"}], "pattern": "reanimation"}


async def rules(account: Account) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = (await account.call("getPushRules"))["global"]
    return found


async def synced_rules(account: Account, since: str | None = None) -> dict[str, list[Event]]:
    events = (await account.sync(since, timeout_ms=5_000 if since else 0))["account_data"]["events"]
    (content,) = [event["content"] for event in events if event["type"] == "m.push_rules"]
    found: dict[str, list[Event]] = content["global"]
    return found


def rule_ids(found: list[Event]) -> list[str]:
    return [rule["rule_id"] for rule in found]


async def test_everybody_starts_with_the_default_rules(wang: Account) -> None:
    found = await rules(wang)
    assert found["override"][0]["rule_id"] == ".m.rule.master"
    assert found["override"][0]["enabled"] is False
    assert {".m.rule.suppress_notices", ".m.rule.is_user_mention", ".m.rule.is_room_mention"} <= set(
        rule_ids(found["override"])
    )
    assert {".m.rule.message", ".m.rule.encrypted", ".m.rule.room_one_to_one"} <= set(rule_ids(found["underride"]))
    assert set(KINDS) <= set(found)


async def test_both_ways_to_read_them_agree(wang: Account) -> None:
    # Element X never asks for /pushrules/; it reads m.push_rules from the account data.
    assert await synced_rules(wang) == await rules(wang)
    assert (await wang.call("getPushRulesGlobal")).body == await rules(wang)


async def test_a_rule_of_ones_own_comes_down_the_sync(wang: Account) -> None:
    since = await wang.position()
    await wang.call("setPushRule", kind="content", ruleId="alarm", body=KEYWORD)
    assert "alarm" in rule_ids((await synced_rules(wang, since))["content"])
    rule = (await wang.call("getPushRule", kind="content", ruleId="alarm")).body
    assert (rule["pattern"], rule["enabled"], rule["default"]) == ("reanimation", True, False)


async def test_a_rule_is_taken_away(wang: Account) -> None:
    await wang.call("setPushRule", kind="content", ruleId="alarm", body=KEYWORD)
    await wang.call("deletePushRule", kind="content", ruleId="alarm")
    await wang.call("getPushRule", kind="content", ruleId="alarm", expect=(404, "M_NOT_FOUND"))
    await wang.call("deletePushRule", kind="content", ruleId="alarm", expect=(404, "M_NOT_FOUND"))


async def test_rules_have_an_order(wang: Account) -> None:
    for name in ("one", "two"):
        await wang.call("setPushRule", kind="content", ruleId=name, body=KEYWORD)
    place = {"kind": "content", "ruleId": "three", "body": KEYWORD}
    await wang.call("setPushRule", **place, query={"after": "two"})
    mine = [name for name in rule_ids((await rules(wang))["content"]) if not name.startswith(".")]
    # The most recent comes first where nothing else is said.
    assert mine == ["two", "three", "one"]
    await wang.call("setPushRule", **place, query={"before": "two"})
    mine = [name for name in rule_ids((await rules(wang))["content"]) if not name.startswith(".")]
    assert mine == ["three", "two", "one"]


async def test_a_rule_cannot_stand_beside_an_unknown_one(wang: Account) -> None:
    place = {"kind": "content", "ruleId": "alarm", "body": KEYWORD}
    await wang.call("setPushRule", **place, query={"before": "nothing"}, expect=(400, "M_UNKNOWN"))


@pytest.mark.parametrize("rule_id", [".own", "a\\b"])
async def test_names_that_are_not_ones_to_give(wang: Account, rule_id: str) -> None:
    # Rules whose name begins with a dot are the server's; slashes would not fit into a path.
    answer = await wang.call("setPushRule", kind="content", ruleId=rule_id, body=KEYWORD, expect=400)
    assert answer.errcode in ("M_INVALID_PARAM", "M_UNKNOWN")


async def test_a_rule_of_the_wrong_shape_is_refused(wang: Account) -> None:
    for body in ({}, {"actions": "notify", "pattern": "x"}, {"actions": ["notify"]}):
        await wang.call("setPushRule", kind="content", ruleId="alarm", body=body, expect=400)
    assert "alarm" not in rule_ids((await rules(wang))["content"])


async def test_a_default_rule_is_switched_off_but_stays(wang: Account) -> None:
    place = {"kind": "underride", "ruleId": ".m.rule.message"}
    await wang.call("setPushRuleEnabled", **place, body={"enabled": False})
    assert (await wang.call("isPushRuleEnabled", **place))["enabled"] is False
    assert (await wang.call("getPushRule", **place))["default"] is True
    # Server-default rules cannot be deleted; there is none of the person's own under that name.
    await wang.call("deletePushRule", **place, expect=(404, "M_NOT_FOUND"))


async def test_a_default_rule_gets_other_actions(wang: Account) -> None:
    place = {"kind": "underride", "ruleId": ".m.rule.message"}
    await wang.call("setPushRuleActions", **place, body={"actions": []})
    assert (await wang.call("getPushRuleActions", **place))["actions"] == []


@pytest.mark.parametrize("operation", ["isPushRuleEnabled", "getPushRuleActions"])
async def test_an_unknown_rule_has_no_parts(wang: Account, operation: str) -> None:
    await wang.call(operation, kind="content", ruleId="nothing", expect=(404, "M_NOT_FOUND"))


async def test_an_unknown_rule_is_not_changed(wang: Account) -> None:
    place = {"kind": "content", "ruleId": "nothing"}
    await wang.call("setPushRuleEnabled", **place, body={"enabled": True}, expect=(404, "M_NOT_FOUND"))
    await wang.call("setPushRuleActions", **place, body={"actions": []}, expect=(404, "M_NOT_FOUND"))


async def test_a_muted_room_counts_nothing(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    condition = {"kind": "event_match", "key": "room_id", "pattern": room}
    await li.call("setPushRule", kind="override", ruleId=room, body={"actions": [], "conditions": [condition]})
    await wang.say(room, "quiet")
    assert joined(await li.sync(), room)["unread_notifications"]["notification_count"] == 0


async def test_rules_need_a_token(server: Homeserver) -> None:
    await server.call("getPushRules", expect=(401, "M_MISSING_TOKEN"))
    await server.call("setPushRule", kind="content", ruleId="x", body=KEYWORD, expect=(401, "M_MISSING_TOKEN"))
