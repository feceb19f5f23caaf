"""What a person has chosen for a room comes along when they join the room that replaced it: tags, and when it rings.

Done after the join. A crash in between leaves them in a room without their settings; to join again brings them.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import cast

from myelin.actions.account_data import AccountDataChanges, Place
from myelin.actions.sender import Sender
from myelin.append.loading import Loading
from myelin.matrix.errors import MatrixError
from myelin.matrix.json import JsonObject
from myelin.rules.default_push_rules import Condition, PushRule, PushRules, RuleKind
from myelin.rules.push import add_rule, rules_of, set_enabled

TAGS = "m.tag"
PUSH_RULES = "m.push_rules"
# The kinds of rules that clients make for one room, named after it.
KINDS: tuple[RuleKind, ...] = ("override", "room")

Content = Callable[[str, str, str], Awaitable[JsonObject | None]]

logger = logging.getLogger(__name__)


class FollowedSettings:
    """Copies a person's settings; `content` reads account data by person, room (empty: global) and type."""

    def __init__(self, loading: Loading, content: Content, changes: AccountDataChanges) -> None:
        self._loading = loading
        self._content = content
        self._changes = changes

    async def follow(self, sender: Sender, room_id: str) -> None:
        """Give a room that the sender has joined what they chose for the one before it, if they chose nothing yet."""
        before = await self._known_predecessor(sender, room_id)
        if before is None:
            return
        try:
            await self._follow_tags(sender, before, room_id)
            await self._follow_rules(sender, before, room_id)
        except MatrixError as refusal:
            # They are in the room, which is what they asked for.
            logger.info("settings did not follow to a room: %s", refusal.errcode)

    async def _known_predecessor(self, sender: Sender, room_id: str) -> str | None:
        room = await self._loading.room(room_id)
        if room is None or room.predecessor is None:
            return None
        user = await self._loading.user(sender.user_id)
        return room.predecessor if user is not None and room.predecessor in user.rooms else None

    async def _follow_tags(self, sender: Sender, before: str, room_id: str) -> None:
        tags = await self._content(sender.user_id, before, TAGS)
        if tags is not None and await self._content(sender.user_id, room_id, TAGS) is None:
            await self._changes.change(sender, Place(TAGS, room_id), lambda chosen: chosen or tags)

    async def _follow_rules(self, sender: Sender, before: str, room_id: str) -> None:
        def changed(content: JsonObject | None) -> JsonObject:
            return cast(JsonObject, followed(rules_of(content, sender.user_id), before, room_id))

        content = await self._content(sender.user_id, "", PUSH_RULES)
        rules = rules_of(content, sender.user_id)
        if any(named(rules, before)) and not any(named(rules, room_id)):
            await self._changes.change(sender, Place(PUSH_RULES), changed)


def named(rules: PushRules, room_id: str) -> Iterator[tuple[RuleKind, PushRule]]:
    """Yield a person's own rules that are named after a room, with their kinds."""
    for kind in KINDS:
        yield from ((kind, rule) for rule in rules["global"].get(kind, []) if rule["rule_id"] == room_id)


def followed(rules: PushRules, before: str, room_id: str) -> PushRules:
    """Return the rules with those of one room repeated for another."""
    for kind, rule in list(named(rules, before)):
        conditions = [for_room(condition, before, room_id) for condition in rule.get("conditions", [])]
        wanted = {"actions": rule["actions"], "conditions": conditions}
        rules = set_enabled(add_rule(rules, kind, room_id, wanted), kind, room_id, rule["enabled"])
    return rules


def for_room(condition: Condition, before: str, room_id: str) -> Condition:
    return {**condition, "pattern": room_id} if condition.get("pattern") == before else condition
