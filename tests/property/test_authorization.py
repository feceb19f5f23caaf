"""What the authorisation rules promise together, over random histories of a room.

The room is folded here by the plainest means, so that nothing but the rules stands between a person and an act.
"""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from myelin.matrix.errors import NotAuthorized
from myelin.matrix.events import Event
from myelin.matrix.json import JsonObject
from myelin.matrix.power_levels import parse_power_levels
from myelin.rules.authorization import check_authorized
from tests.property.values import versions
from tests.unit.rules.rooms import CHEN, LI, WANG, ZHOU, ARoom, a_room, an_event

PEOPLE = [WANG, LI, CHEN, ZHOU]
people = st.sampled_from(PEOPLE)
FIRST_LEVELS: JsonObject = {"users": {WANG: 100, LI: 50}}
FIRST_LEVELS_12: JsonObject = {"users": {LI: 50}}
levels = st.sampled_from([-1, 0, 10, 49, 50, 51, 99, 100, 101])
# A creator of version 12 has no entry, so WANG has one only now and then.
level_maps = st.dictionaries(st.sampled_from([LI, CHEN, ZHOU] * 4 + [WANG]), levels, max_size=3)
level_contents = st.fixed_dictionaries(
    {},
    optional={
        "users": level_maps,
        "events": st.dictionaries(st.sampled_from(["m.room.power_levels", "m.room.name"]), levels, max_size=2),
        **dict.fromkeys(("ban", "kick", "invite", "state_default", "users_default"), levels),
    },
)
memberships = st.sampled_from(["join", "invite", "leave", "ban", "knock"])
join_rules = st.sampled_from(["public", "invite", "knock", "restricted", "private"])
acts: st.SearchStrategy[Event] = st.one_of(
    st.builds(
        lambda who, to, whom: an_event("m.room.member", who, {"membership": to}, whom), people, memberships, people
    ),
    st.builds(lambda who, to: an_event("m.room.member", who, {"membership": to}, who), people, memberships),
    st.builds(lambda who, content: an_event("m.room.power_levels", who, content, ""), people, level_contents),
    st.builds(lambda who, rule: an_event("m.room.join_rules", who, {"join_rule": rule}, ""), people, join_rules),
    st.builds(lambda who: an_event("m.room.message", who), people),
)


@dataclass
class History:
    """A room and the accepted events that led to it, each with the room before it."""

    room: ARoom
    accepted: list[tuple[ARoom, Event]] = field(default_factory=list)

    def attempt(self, event: Event) -> None:
        try:
            check_authorized(event, self.room)
        except NotAuthorized:
            return
        self.accepted.append((self.room, event))
        self.room = fold(self.room, event)


def fold(room: ARoom, event: Event) -> ARoom:
    if event.type == "m.room.member" and event.state_key is not None and event.membership is not None:
        return replace(room, members={**room.members, event.state_key: event.membership})
    if event.type == "m.room.join_rules":
        return replace(room, join_rule=event.content["join_rule"])
    if event.type == "m.room.power_levels":
        return replace(room, power_levels=parse_power_levels(event.content, room.creators, room.version))
    return room


@st.composite
def histories(draw: st.DrawFn) -> History:
    version = draw(versions)
    # The usual beginning, so that most histories have something to decide.
    first = draw(st.sampled_from([None, FIRST_LEVELS_12 if version.privileged_creators else FIRST_LEVELS]))
    history = History(a_room(version.id, levels=first, members={LI: "join"}))
    for event in draw(st.lists(acts, max_size=25)):
        history.attempt(event)
    return history


@given(histories())
def test_only_members_act_but_for_coming_and_going(history: History) -> None:
    for room, event in history.accepted:
        own = event.type == "m.room.member" and event.state_key == event.sender
        assert own or room.membership(event.sender) == "join"


@given(histories())
def test_nobody_is_made_to_join(history: History) -> None:
    for _, event in history.accepted:
        if event.membership in ("join", "knock"):
            assert event.sender == event.state_key


@given(histories())
def test_a_ban_ends_only_by_somebody_who_may_ban(history: History) -> None:
    for room, event in history.accepted:
        if event.membership is not None and room.membership(event.state_key or "") == "ban":
            assert event.sender != event.state_key
            assert event.membership in ("leave", "ban")
            assert room.power_levels.user_level(event.sender) >= room.power_levels.ban


@given(histories())
def test_nobody_acts_on_an_equal(history: History) -> None:
    for room, event in history.accepted:
        if event.membership in ("leave", "ban") and event.sender != event.state_key:
            levels = room.power_levels
            assert levels.user_level(event.sender) > levels.user_level(event.state_key or "")


@given(histories())
def test_no_level_rises_above_the_level_of_who_sets_it(history: History) -> None:
    for room, event in history.accepted:
        if event.type == "m.room.power_levels" and room.power_levels.from_event:
            before, after = room.power_levels, fold(room, event).power_levels
            own = before.user_level(event.sender)
            for person in PEOPLE:
                assert after.user_level(person) <= max(own, before.user_level(person))


@given(histories())
def test_entries_of_equals_stay(history: History) -> None:
    for room, event in history.accepted:
        if event.type == "m.room.power_levels" and room.power_levels.from_event:
            before, after = room.power_levels.users, fold(room, event).power_levels.users
            own = room.power_levels.user_level(event.sender)
            kept = {user: level for user, level in before.items() if level >= own and user != event.sender}
            assert kept.items() <= after.items()


@given(histories())
def test_a_privileged_creator_stays_whatever_happens(history: History) -> None:
    if history.room.version.privileged_creators:
        for room, event in history.accepted:
            assert room.power_levels.user_level(WANG) > 2**53 - 1
            if event.state_key == WANG and event.membership in ("leave", "ban"):
                assert event.sender == WANG


@given(histories())
def test_who_joins_was_let_in(history: History) -> None:
    for room, event in history.accepted:
        if event.membership == "join":
            was = room.membership(event.sender)
            assert was in ("join", "invite") or (was != "ban" and room.join_rule == "public")


@given(histories(), people, st.sampled_from(["m.room.message", "m.room.name"]))
def test_who_is_not_joined_says_nothing(history: History, who: str, event_type: str) -> None:
    event = an_event(event_type, who, state_key="" if event_type == "m.room.name" else None)
    before = len(history.accepted)
    history.attempt(event)
    levels = history.room.power_levels
    may = levels.user_level(who) >= levels.required_for(event_type, event.is_state)
    assert (len(history.accepted) > before) == (history.room.membership(who) == "join" and may)
