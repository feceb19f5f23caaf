from myelin.rules.default_push_rules import RULE_KINDS, default_ruleset

WANG = "@wang:hospital.example"


def test_the_predefined_rules_stand_in_the_order_of_the_specification() -> None:
    ruleset = default_ruleset(WANG)["global"]
    assert list(ruleset) == list(RULE_KINDS)
    assert [rule["rule_id"].removeprefix(".m.rule.") for rule in ruleset["override"]] == [
        "master", "suppress_notices", "invite_for_me", "member_event", "is_user_mention", "is_room_mention",
        "tombstone", "reaction", "room.server_acl", "suppress_edits",
    ]  # fmt: skip
    assert [rule["rule_id"].removeprefix(".m.rule.") for rule in ruleset["underride"]] == [
        "call", "encrypted_room_one_to_one", "room_one_to_one", "message", "encrypted",
    ]  # fmt: skip
    assert ruleset["content"] == ruleset["room"] == ruleset["sender"] == []


def test_every_predefined_rule_is_complete_and_all_but_master_are_enabled() -> None:
    ruleset = default_ruleset(WANG)["global"]
    for rule in ruleset["override"] + ruleset["underride"]:
        assert rule.keys() == {"rule_id", "default", "enabled", "conditions", "actions"}
        assert rule["default"] is True
        assert rule["enabled"] is (rule["rule_id"] != ".m.rule.master")


def test_rules_about_oneself_name_the_user() -> None:
    rules = {rule["rule_id"]: rule for rule in default_ruleset(WANG)["global"]["override"]}
    assert rules[".m.rule.is_user_mention"]["conditions"] == [
        {"kind": "event_property_contains", "key": "content.m\\.mentions.user_ids", "value": WANG}
    ]
    assert rules[".m.rule.invite_for_me"].get("conditions", [])[-1] == {
        "kind": "event_match",
        "key": "state_key",
        "pattern": WANG,
    }
