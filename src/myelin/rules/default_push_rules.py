"""The push rules that everybody starts with (Matrix specification, "Predefined Rules").

This file owns the table and the JSON shape of a ruleset. Nothing here knows how a
person changes it, nor what an event is.
"""

from typing import Literal, NotRequired, TypeAlias, TypedDict, get_args

from myelin.matrix.json import JsonObject

RuleKind: TypeAlias = Literal["override", "content", "room", "sender", "underride"]
Action: TypeAlias = str | JsonObject
Condition: TypeAlias = JsonObject

RULE_KINDS: tuple[RuleKind, ...] = get_args(RuleKind)


class PushRule(TypedDict):
    """One rule as clients see it; never changed in place."""

    rule_id: str
    default: bool
    enabled: bool
    actions: list[Action]
    conditions: NotRequired[list[Condition]]
    pattern: NotRequired[str]


class Ruleset(TypedDict):
    """The five kinds in the order in which they are tried, each with the most important rule first."""

    override: list[PushRule]
    content: list[PushRule]
    room: list[PushRule]
    sender: list[PushRule]
    underride: list[PushRule]


PushRules = TypedDict("PushRules", {"global": Ruleset})

MASTER = ".m.rule.master"

_SOUND: Action = {"set_tweak": "sound", "value": "default"}
_RING: Action = {"set_tweak": "sound", "value": "ring"}
_HIGHLIGHT: Action = {"set_tweak": "highlight"}


def default_ruleset(user_id: str) -> PushRules:
    """The ruleset of a person who never changed it, in the form of `GET /pushrules/`."""
    return {
        "global": {
            "override": _override(user_id),
            "content": [],
            "room": [],
            "sender": [],
            "underride": _underride(),
        }
    }


def _override(user_id: str) -> list[PushRule]:
    mentions_me = _contains("content.m\\.mentions.user_ids", user_id)
    mentions_room = _is("content.m\\.mentions.room", True)
    may_notify_room: Condition = {"kind": "sender_notification_permission", "key": "room"}
    invites_me = [_type("m.room.member"), _match("content.membership", "invite"), _match("state_key", user_id)]
    return [
        _rule("master", [], [], enabled=False),
        _rule("suppress_notices", [_match("content.msgtype", "m.notice")], []),
        _rule("invite_for_me", invites_me, ["notify", _SOUND]),
        _rule("member_event", [_type("m.room.member")], []),
        _rule("is_user_mention", [mentions_me], ["notify", _SOUND, _HIGHLIGHT]),
        _rule("is_room_mention", [mentions_room, may_notify_room], ["notify", _HIGHLIGHT]),
        _rule("tombstone", [_type("m.room.tombstone"), _match("state_key", "")], ["notify", _HIGHLIGHT]),
        _rule("reaction", [_type("m.reaction")], []),
        _rule("room.server_acl", [_type("m.room.server_acl"), _match("state_key", "")], []),
        _rule("suppress_edits", [_is("content.m\\.relates_to.rel_type", "m.replace")], []),
    ]


def _underride() -> list[PushRule]:
    two_members: Condition = {"kind": "room_member_count", "is": "2"}
    return [
        _rule("call", [_type("m.call.invite")], ["notify", _RING]),
        _rule("encrypted_room_one_to_one", [two_members, _type("m.room.encrypted")], ["notify", _SOUND]),
        _rule("room_one_to_one", [two_members, _type("m.room.message")], ["notify", _SOUND]),
        _rule("message", [_type("m.room.message")], ["notify"]),
        _rule("encrypted", [_type("m.room.encrypted")], ["notify"]),
    ]


def _rule(name: str, conditions: list[Condition], actions: list[Action], *, enabled: bool = True) -> PushRule:
    return {
        "rule_id": f".m.rule.{name}",
        "default": True,
        "enabled": enabled,
        "conditions": conditions,
        "actions": actions,
    }


def _match(key: str, pattern: str) -> Condition:
    return {"kind": "event_match", "key": key, "pattern": pattern}


def _type(pattern: str) -> Condition:
    return _match("type", pattern)


def _is(key: str, value: str | bool) -> Condition:
    return {"kind": "event_property_is", "key": key, "value": value}


def _contains(key: str, value: str) -> Condition:
    return {"kind": "event_property_contains", "key": key, "value": value}
