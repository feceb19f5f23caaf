"""Who is rung for an event, and what their devices are told to do: from the facts of its entry and their own rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from myelin.entries.entry import Entry
from myelin.entries.facts import EventAppended
from myelin.matrix.events import Event
from myelin.matrix.json import JsonValue
from myelin.push.notes import Note
from myelin.rules.default_push_rules import Action
from myelin.rules.outcomes import Outcome, audible, outcome_for
from myelin.rules.personal_rules import People, PersonalRules, default_rules
from myelin.rules.push_conditions import Occasion
from myelin.state.room import Room
from myelin.state.user import User

MAIN = "main"
CRITICAL: Mapping[str, JsonValue] = {"highlight": True, "sound": "default"}
RULES_KEPT = 2000


def listeners(entry: Entry, facts: EventAppended, room: Room, rung: Mapping[str, object]) -> Iterator[str]:
    """Yield those who have devices to ring and may be told of an event: members, and who is invited by it."""
    event = entry.event
    assert event is not None
    if facts.notice or facts.personal:
        found = rung.keys() & room.members.keys()
    else:
        found = {user_id for user_id in facts.named if user_id in rung}
    for user_id in found:
        member = room.members.get(user_id)
        is_invited = event.membership == "invite" and event.state_key == user_id
        # Who came later than the event is not told of it.
        is_there = member is not None and member.membership == "join" and member.since < entry.position
        if user_id != event.sender and (is_invited or is_there):
            yield user_id


class Telling:
    """One event on its way to several people. Whoever has the default rules is told it like the others."""

    def __init__(self, entry: Entry, facts: EventAppended, event: Event, room: Room, people: People) -> None:
        self._entry = entry
        self._facts = facts
        self._event = event
        self._room = room
        self._people = people
        self._occasion = Occasion(event, room)
        self._by_default: dict[bool, Mapping[str, JsonValue]] = {}

    def note_for(self, user: User) -> Note | None:
        """Return what to tell a person, None where it does not notify them."""
        event, facts = self._event, self._facts
        if event.sender in user.ignored:
            return None
        outcome = audible(outcome_for(user.user_id, facts.notice, facts.named, facts.personal), user, self._room)
        if outcome is Outcome.QUIET:
            return None
        is_critical = self._room.feed == "critical"
        return Note(
            position=self._entry.position,
            room_id=event.room_id,
            event_id=event.event_id,
            thread=facts.thread or MAIN,
            type=event.type,
            sender=event.sender,
            is_urgent=is_critical,
            tweaks=CRITICAL if is_critical else self._tweaks(user),
        )

    def _tweaks(self, user: User) -> Mapping[str, JsonValue]:
        rules = self._people.of(user.user_id)
        if rules is not None:
            return self._by_rules(rules, user)
        # The default rules differ by who is named, and by nothing else.
        is_named = user.user_id in self._facts.named
        if is_named not in self._by_default:
            self._by_default[is_named] = self._by_rules(rules_of_anybody(user.user_id), user)
        return self._by_default[is_named]

    def _by_rules(self, rules: PersonalRules, user: User) -> Mapping[str, JsonValue]:
        self._occasion.display_name = user.displayname
        rule = rules.deciding(self._occasion)
        return dict(map(tweak, filter(is_tweak, rule.actions))) if rule is not None else {}


@lru_cache(RULES_KEPT)
def rules_of_anybody(user_id: str) -> PersonalRules:
    """Return the default rules of a person."""
    return default_rules(user_id)


def is_tweak(action: Action) -> bool:
    return isinstance(action, dict)


def tweak(action: Action) -> tuple[str, JsonValue]:
    assert isinstance(action, dict)
    return str(action.get("set_tweak")), action.get("value", True)
