"""/_matrix/client/v3/pushrules/ (client-server API, "Push Rules: API"): the account data `m.push_rules`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import msgspec

from myelin.actions.account_data import AccountDataChanges, Place
from myelin.api.callers import sender_of
from myelin.http.messages import EMPTY, Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.json import JsonObject, JsonValue
from myelin.projections.account_data import AccountDataReader
from myelin.rules.default_push_rules import Action, PushRule, PushRules
from myelin.rules.push import add_rule, get_rule, remove_rule, rules_of, set_actions, set_enabled

RULES = Place("m.push_rules")


class EnabledBody(msgspec.Struct, frozen=True):
    """The body that switches a rule."""

    enabled: bool


class ActionsBody(msgspec.Struct, frozen=True):
    """The body that gives a rule other actions."""

    actions: list[str | dict[str, JsonValue]]


class PushRulesApi:
    """Shows and changes a person's push rules."""

    def __init__(self, changes: AccountDataChanges, reader: AccountDataReader) -> None:
        self._changes = changes
        self._reader = reader
        self._enabled = msgspec.json.Decoder(EnabledBody)
        self._actions = msgspec.json.Decoder(ActionsBody)

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        rules = "/_matrix/client/v3/pushrules/"
        rule = f"{rules}global/{{kind}}/{{ruleId}}"
        yield Route("GET", rules, self.get_all)
        yield Route("GET", f"{rules}global/", self.get_global)
        yield Route("GET", rule, self.get)
        yield Route("PUT", rule, self.put)
        yield Route("DELETE", rule, self.delete)
        yield Route("GET", f"{rule}/enabled", self.get_enabled)
        yield Route("PUT", f"{rule}/enabled", self.put_enabled)
        yield Route("GET", f"{rule}/actions", self.get_actions)
        yield Route("PUT", f"{rule}/actions", self.put_actions)

    async def get_all(self, request: Request) -> Response:
        return ok(await self._rules(request))

    async def get_global(self, request: Request) -> Response:
        return ok((await self._rules(request))["global"])

    async def get(self, request: Request) -> Response:
        return ok(await self._rule(request))

    async def put(self, request: Request) -> Response:
        kind, rule_id = request.path
        rule, query = request.json_object(), request.query
        before, after = query.get("before"), query.get("after")
        return await self._change(request, lambda rules: add_rule(rules, kind, rule_id, rule, before, after))

    async def delete(self, request: Request) -> Response:
        kind, rule_id = request.path
        return await self._change(request, lambda rules: remove_rule(rules, kind, rule_id))

    async def get_enabled(self, request: Request) -> Response:
        return ok({"enabled": (await self._rule(request))["enabled"]})

    async def put_enabled(self, request: Request) -> Response:
        kind, rule_id = request.path
        enabled = request.parse(self._enabled).enabled
        return await self._change(request, lambda rules: set_enabled(rules, kind, rule_id, enabled))

    async def get_actions(self, request: Request) -> Response:
        return ok({"actions": (await self._rule(request))["actions"]})

    async def put_actions(self, request: Request) -> Response:
        kind, rule_id = request.path
        actions: list[Action] = list(request.parse(self._actions).actions)
        return await self._change(request, lambda rules: set_actions(rules, kind, rule_id, actions))

    async def _rules(self, request: Request) -> PushRules:
        user_id = request.signed_in.user_id
        return rules_of(await self._reader.content(user_id, "", RULES.type), user_id)

    async def _rule(self, request: Request) -> PushRule:
        kind, rule_id = request.path
        return get_rule(await self._rules(request), kind, rule_id)

    async def _change(self, request: Request, change: Callable[[PushRules], PushRules]) -> Response:
        sender = sender_of(request)

        def changed(content: JsonObject | None) -> JsonObject:
            return cast(JsonObject, change(rules_of(content, sender.user_id)))

        await self._changes.change(sender, RULES, changed)
        return EMPTY
