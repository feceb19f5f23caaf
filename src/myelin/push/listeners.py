"""Who is rung for an event, and what their devices are told to do: from the facts of its entry and their own rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from myelin.entries.entry import Entry
from myelin.entries.facts import EventAppended
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


def note_for(entry: Entry, facts: EventAppended, room: Room, user: User, people: People) -> Note | None:
    """Return what to tell a person of an event, None where it does not notify them."""
    event = entry.event
    assert event is not None
    if event.sender in user.ignored:
        return None
    outcome = audible(outcome_for(user.user_id, facts.notice, facts.named, facts.personal), user, room)
    if outcome is Outcome.QUIET:
        return None
    is_critical = room.feed == "critical"
    return Note(
        position=entry.position,
        room_id=event.room_id,
        event_id=event.event_id,
        thread=facts.thread or MAIN,
        type=event.type,
        sender=event.sender,
        is_urgent=is_critical,
        tweaks=CRITICAL if is_critical else tweaks(entry, room, user, people),
    )


def tweaks(entry: Entry, room: Room, user: User, people: People) -> Mapping[str, JsonValue]:
    """Return what the rule that notifies tells the device to do."""
    assert entry.event is not None
    occasion = Occasion(entry.event, room)
    occasion.display_name = user.displayname
    rules = people.of(user.user_id) or rules_of_anybody(user.user_id)
    rule = rules.deciding(occasion)
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
