"""What push rules decide: how a person changes their ruleset, and which events count as unread.

The ruleset is a value in the form of `GET /pushrules/`, kept as the account data `m.push_rules`;
every change returns a new one. Nothing here knows where it is stored, who is waiting, or how a
phone is reached.
"""

from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import TypeAlias, cast

import msgspec

from myelin.matrix.errors import BadJson, InvalidParam, MatrixError, NotFound
from myelin.matrix.events import Event, EventDraft
from myelin.matrix.identifiers import is_user_id
from myelin.matrix.json import JsonObject, JsonValue
from myelin.rules.default_push_rules import (
    MASTER,
    RULE_KINDS,
    Action,
    Condition,
    PushRule,
    PushRules,
    RuleKind,
    Ruleset,
    default_ruleset,
)

Rules: TypeAlias = list[PushRule]

HISTORICAL_ACTIONS = ("dont_notify", "coalesce")

# Each event is held against the rules of everybody in its room who has own ones.
OWN_RULES_LIMIT = 200
CONDITIONS_LIMIT = 20
PATTERN_LIMIT = 512


class NoSuchNeighbour(MatrixError):
    """The rule named by before or after is not among your own rules of this kind."""

    status, errcode = 400, "M_UNKNOWN"


class NewRule(msgspec.Struct, frozen=True):
    """The body of `PUT /pushrules/global/{kind}/{ruleId}`."""

    actions: list[Action]
    conditions: list[Condition] = []
    pattern: str | None = None


# --- the ruleset ---


def with_current_defaults(rules: PushRules, user_id: str) -> PushRules:
    """A stored ruleset with today's default rules, each as the person enabled it and set its actions."""
    current, stored = default_ruleset(user_id)["global"], rules["global"]

    def merged(kind: RuleKind) -> Rules:
        chosen = {rule["rule_id"]: rule for rule in stored.get(kind, []) if rule["default"]}
        own = [rule for rule in stored.get(kind, []) if not rule["default"]]
        return _in_order(own, [_as_chosen(rule, chosen.get(rule["rule_id"])) for rule in current[kind]])

    return {"global": _each_kind(merged)}


def rules_of(content: JsonObject | None, user_id: str) -> PushRules:
    """The ruleset of a person whose `m.push_rules` are this content, None where they never changed one."""
    if content is None:
        return default_ruleset(user_id)
    # Only this module's own values are ever stored under that type.
    return with_current_defaults(cast(PushRules, content), user_id)


def get_rule(rules: PushRules, kind: str, rule_id: str) -> PushRule:
    """One rule of the ruleset; `NotFound` where there is none."""
    for rule in _of_kind(rules, kind):
        if rule["rule_id"] == rule_id:
            return rule
    raise NotFound(f"There is no push rule {rule_id} of kind {kind}.")


def add_rule(
    rules: PushRules, kind: str, rule_id: str, rule: object, before: str | None = None, after: str | None = None
) -> PushRules:
    """The ruleset with one of the person's own rules created, or updated and moved."""
    _check_own_rule_id(rule_id)
    existing = _of_kind(rules, kind)
    found = [index for index, present in enumerate(existing) if present["rule_id"] == rule_id]
    # MUST be enabled by default; an update keeps what the person chose.
    enabled = existing[found[0]]["enabled"] if found else True
    if not found:
        _check_not_too_many(rules)
    added = _built(kind, rule_id, _parsed(rule), enabled)
    if found and before is None and after is None:
        return _with_kind(rules, kind, [*existing[: found[0]], added, *existing[found[0] + 1 :]])
    return _with_kind(rules, kind, _placed([r for r in existing if r["rule_id"] != rule_id], added, before, after))


def remove_rule(rules: PushRules, kind: str, rule_id: str) -> PushRules:
    """The ruleset without one of the person's own rules."""
    if get_rule(rules, kind, rule_id)["default"]:
        raise NotFound("You have no such rule of your own; a default rule cannot be deleted, only disabled.")
    return _with_kind(rules, kind, [rule for rule in _of_kind(rules, kind) if rule["rule_id"] != rule_id])


def set_enabled(rules: PushRules, kind: str, rule_id: str, enabled: bool) -> PushRules:
    """The ruleset with one rule, own or default, switched on or off."""
    return _with_rule(rules, kind, {**get_rule(rules, kind, rule_id), "enabled": enabled})


def set_actions(rules: PushRules, kind: str, rule_id: str, actions: list[Action]) -> PushRules:
    """The ruleset with other actions for one rule, own or default."""
    return _with_rule(rules, kind, {**get_rule(rules, kind, rule_id), "actions": _checked_actions(actions)})


def _of_kind(rules: PushRules, kind: str) -> Rules:
    return rules["global"].get(_known_kind(kind), [])


def _known_kind(kind: str) -> RuleKind:
    for known in RULE_KINDS:
        if known == kind:
            return known
    raise InvalidParam(f"The kind of a push rule is one of {', '.join(RULE_KINDS)}.")


def _each_kind(rules_of: Callable[[RuleKind], Rules]) -> Ruleset:
    return {
        "override": rules_of("override"),
        "content": rules_of("content"),
        "room": rules_of("room"),
        "sender": rules_of("sender"),
        "underride": rules_of("underride"),
    }


def _with_kind(rules: PushRules, kind: str, changed: Rules) -> PushRules:
    return {"global": _each_kind(lambda each: changed if each == kind else _of_kind(rules, each))}


def _with_rule(rules: PushRules, kind: str, changed: PushRule) -> PushRules:
    same = changed["rule_id"]
    return _with_kind(rules, kind, [changed if r["rule_id"] == same else r for r in _of_kind(rules, kind)])


def _as_chosen(rule: PushRule, chosen: PushRule | None) -> PushRule:
    if chosen is None:
        return rule
    return {**rule, "enabled": chosen["enabled"], "actions": chosen["actions"]}


def _in_order(own: Rules, defaults: Rules) -> Rules:
    # Default rules stand below the person's own, except .m.rule.master, which stands above all.
    master = [rule for rule in defaults if rule["rule_id"] == MASTER]
    return [*master, *own, *(rule for rule in defaults if rule["rule_id"] != MASTER)]


# --- one rule of the person's own ---


def _check_own_rule_id(rule_id: str) -> None:
    # If the string starts with a dot, the request MUST be rejected; slashes and backslashes are not allowed either.
    if not rule_id or rule_id.startswith(".") or "/" in rule_id or "\\" in rule_id:
        raise InvalidParam("The id of a push rule does not start with a dot and has no slash or backslash.")


def _check_not_too_many(rules: PushRules) -> None:
    own = sum(not rule["default"] for kind in RULE_KINDS for rule in _of_kind(rules, kind))
    if own >= OWN_RULES_LIMIT:
        raise InvalidParam(f"You have {OWN_RULES_LIMIT} push rules of your own already; delete one first.")


def _parsed(rule: object) -> NewRule:
    try:
        return msgspec.convert(rule, NewRule)
    except msgspec.ValidationError as fault:
        raise BadJson(f"This is not a push rule: {fault}") from None


def _built(kind: str, rule_id: str, rule: NewRule, enabled: bool) -> PushRule:
    actions = _checked_actions(rule.actions)
    built: PushRule = {"rule_id": rule_id, "default": False, "enabled": enabled, "actions": actions}
    if kind in ("override", "underride"):
        built["conditions"] = _checked_conditions(rule.conditions)
    if kind == "content":
        built["pattern"] = _checked_pattern(rule.pattern)
    return built


def _checked_actions(actions: Iterable[Action]) -> list[Action]:
    # Clients and homeservers MUST ignore the historical actions.
    kept = [action for action in actions if action not in HISTORICAL_ACTIONS]
    if any(isinstance(action, dict) and not isinstance(action.get("set_tweak"), str) for action in kept):
        raise BadJson("An action that is an object needs a set_tweak.")
    return kept


def _checked_conditions(conditions: list[Condition]) -> list[Condition]:
    if not all(isinstance(condition.get("kind"), str) for condition in conditions):
        raise BadJson("Each condition of a push rule needs a kind.")
    if len(conditions) > CONDITIONS_LIMIT:
        raise InvalidParam(f"A push rule has {CONDITIONS_LIMIT} conditions at most.")
    for condition in conditions:
        _check_short(condition.get("pattern"))
    return conditions


def _checked_pattern(pattern: str | None) -> str:
    if pattern is None:
        raise BadJson("A push rule of kind content needs a pattern.")
    _check_short(pattern)
    return pattern


def _check_short(pattern: JsonValue) -> None:
    if isinstance(pattern, str) and len(pattern) > PATTERN_LIMIT:
        raise InvalidParam(f"The pattern of a push rule has {PATTERN_LIMIT} characters at most.")


def _placed(others: Rules, added: PushRule, before: str | None, after: str | None) -> Rules:
    """The rules with `added` next to its neighbour; if both are given, `before` decides."""
    if before is None and after is None:
        own = [rule for rule in others if not rule["default"]]
        return _in_order([added, *own], [rule for rule in others if rule["default"]])
    index = _own_index(others, before) if before is not None else _own_index(others, after) + 1
    return [*others[:index], added, *others[index:]]


def _own_index(rules: Rules, rule_id: str | None) -> int:
    # It is not possible to add a rule relative to a predefined server rule.
    for index, rule in enumerate(rules):
        if rule["rule_id"] == rule_id and not rule["default"]:
            return index
    raise NoSuchNeighbour


# --- muted rooms ---


def muted(rules: PushRules, room_id: str) -> bool:
    """Whether the ordinary messages of a room do not notify; a clear mention may still."""
    return silenced(rules, room_id) or any(
        rule["rule_id"] == room_id and _is_quiet(rule) for rule in _of_kind(rules, "room")
    )


def silenced(rules: PushRules, room_id: str) -> bool:
    """Whether nothing in a room notifies, not even a mention."""
    only_this_room: list[Condition] = [{"kind": "event_match", "key": "room_id", "pattern": room_id}]
    return any(
        _is_quiet(rule) and (rule["rule_id"] == MASTER or rule.get("conditions") == only_this_room)
        for rule in _of_kind(rules, "override")
    )


def _is_quiet(rule: PushRule) -> bool:
    return rule["enabled"] and "notify" not in rule["actions"]


# --- the class of an event ---


class NoticeClass(IntEnum):
    """What the default rules do with an event, for every member alike."""

    NONE = 0
    NOTIFY = 1
    HIGHLIGHT_ALL = 2


class Notice(msgspec.Struct, frozen=True):
    """What the default rules do with one event, but for its own sender.

    `named` are those for whom it does more than its class: highlighted by a clear mention,
    or notified of the invitation to them.
    """

    notice_class: NoticeClass
    named: tuple[str, ...] = ()


NO_NOTICE = Notice(NoticeClass.NONE)
NOTIFY = Notice(NoticeClass.NOTIFY)
HIGHLIGHT_ALL = Notice(NoticeClass.HIGHLIGHT_ALL)

NOTIFYING = frozenset(("m.room.encrypted", "m.room.message", "m.call.invite"))


def classify(event: Event | EventDraft, may_notify_room: bool) -> Notice:
    """What the default push rules make of an event; `may_notify_room`: the sender's power allows @room.

    The steps stand in the order of the default rules; the first that applies decides.
    """
    # event_match compares without case.
    event_type, content = event.type.lower(), event.content
    if _lower(content.get("msgtype")) == "m.notice":
        return NO_NOTICE
    if event_type == "m.room.member":
        return _of_member_event(event)
    mentions = _object(content.get("m.mentions"))
    if mentions.get("room") is True and may_notify_room:
        return HIGHLIGHT_ALL
    if event_type == "m.room.tombstone" and event.state_key == "":
        return HIGHLIGHT_ALL
    is_edit = _object(content.get("m.relates_to")).get("rel_type") == "m.replace"
    notifies = event_type in NOTIFYING and not is_edit
    named = _named(mentions.get("user_ids"), event.sender) if mentions else ()
    if not named:
        return NOTIFY if notifies else NO_NOTICE
    return Notice(NoticeClass.NOTIFY if notifies else NoticeClass.NONE, named)


def in_feed(notice: Notice, event: Event | EventDraft, feed: str) -> Notice:
    """What an event is to whoever gets a service's feed: reports never notify, critical values always highlight."""
    if feed == "reports":
        return NO_NOTICE
    if feed == "critical" and event.type.lower() in NOTIFYING and event.state_key is None:
        return HIGHLIGHT_ALL
    return notice


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _lower(value: object) -> str | None:
    return value.lower() if isinstance(value, str) else None


def _of_member_event(event: Event | EventDraft) -> Notice:
    invited = event.state_key
    if _lower(event.content.get("membership")) != "invite" or not invited or invited == event.sender:
        return NO_NOTICE
    return Notice(NoticeClass.NONE, (invited,))


def _named(user_ids: object, sender: str) -> tuple[str, ...]:
    if not isinstance(user_ids, list):
        return ()
    named = (each for each in user_ids if isinstance(each, str) and each != sender and is_user_id(each))
    return tuple(dict.fromkeys(named))
