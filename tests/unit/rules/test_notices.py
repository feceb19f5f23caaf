import pytest
from hypothesis import given
from hypothesis import strategies as st

from myelin.matrix.events import Event
from myelin.matrix.json import JsonObject, JsonValue
from myelin.rules.push import HIGHLIGHT_ALL, NO_NOTICE, NOTIFY, Notice, NoticeClass, classify
from tests.unit.rules.push_oracle import default_actions

WANG, LI, CHEN = (f"@{name}:hospital.example" for name in ("wang", "li", "chen"))
WARD = "!ward:hospital.example"


def an_event(event_type: str, content: JsonObject | None = None, state_key: str | None = None) -> Event:
    return Event("$event", WARD, event_type, WANG, state_key, content or {}, 1, 1, (), ())


def mentioning(*user_ids: str) -> JsonObject:
    return {"m.mentions": {"user_ids": list(user_ids)}}


EDIT: JsonObject = {"m.relates_to": {"rel_type": "m.replace", "event_id": "$first"}}
AT_ROOM: JsonObject = {"m.mentions": {"room": True}}
NAMED_LI = Notice(NoticeClass.NONE, (LI,))

EXAMPLES: list[tuple[Event, Notice]] = [
    (an_event("m.room.message", {"msgtype": "m.text"}), NOTIFY),
    (an_event("m.room.encrypted"), NOTIFY),
    (an_event("m.call.invite"), NOTIFY),
    (an_event("m.room.message", {"msgtype": "m.notice"}), NO_NOTICE),
    (an_event("m.room.message", {"msgtype": "m.notice", **mentioning(LI)}), NO_NOTICE),
    (an_event("m.room.member", {"membership": "join"}, WANG), NO_NOTICE),
    (an_event("m.room.member", {"membership": "invite"}, LI), NAMED_LI),
    (an_event("m.room.member", {"membership": "ban", **mentioning(LI)}, LI), NO_NOTICE),
    (an_event("m.room.message", mentioning(LI, CHEN, LI, WANG)), Notice(NoticeClass.NOTIFY, (LI, CHEN))),
    (an_event("m.room.encrypted", mentioning(LI)), Notice(NoticeClass.NOTIFY, (LI,))),
    (an_event("m.reaction", mentioning(LI)), NAMED_LI),
    (an_event("m.room.topic", mentioning(LI), ""), NAMED_LI),
    (an_event("m.room.message", AT_ROOM), HIGHLIGHT_ALL),
    (an_event("org.example.custom", AT_ROOM), HIGHLIGHT_ALL),
    (an_event("m.room.tombstone", {}, ""), HIGHLIGHT_ALL),
    (an_event("m.room.tombstone"), NO_NOTICE),
    (an_event("m.reaction", {"m.relates_to": {"rel_type": "m.annotation"}}), NO_NOTICE),
    (an_event("m.room.server_acl", {}, ""), NO_NOTICE),
    (an_event("m.room.message", EDIT), NO_NOTICE),
    (an_event("m.room.encrypted", EDIT), NO_NOTICE),
    (an_event("m.room.message", {**EDIT, **mentioning(LI)}), NAMED_LI),
    (an_event("m.room.encrypted", {"m.relates_to": {"rel_type": "m.thread"}}), NOTIFY),
    (an_event("m.poll.response", {"m.relates_to": {"rel_type": "m.reference"}}), NO_NOTICE),
    (an_event("m.room.redaction"), NO_NOTICE),
    (an_event("m.room.name", {"name": "Ward 3"}, ""), NO_NOTICE),
    (an_event("m.room.power_levels", {}, ""), NO_NOTICE),
]


@pytest.mark.parametrize(("event", "notice"), EXAMPLES)
def test_the_default_rules_give_each_event_its_class(event: Event, notice: Notice) -> None:
    assert classify(event, may_notify_room=True) == notice


def test_the_room_is_mentioned_only_by_those_who_may() -> None:
    event = an_event("m.room.message", {"m.mentions": {"room": True, "user_ids": [LI]}})
    assert classify(event, may_notify_room=True) == HIGHLIGHT_ALL
    assert classify(event, may_notify_room=False) == Notice(NoticeClass.NOTIFY, (LI,))


# Broken shapes stand beside good ones: a client may send anything as content.
JUNK: st.SearchStrategy[JsonValue] = (
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "m.replace", LI]) | st.just([])
)
USER_IDS = st.lists(st.sampled_from([WANG, LI, CHEN]) | JUNK, max_size=4) | JUNK
MENTIONS = st.fixed_dictionaries({}, optional={"user_ids": USER_IDS, "room": st.booleans() | JUNK}) | JUNK
RELATIONS = st.fixed_dictionaries({}, optional={"rel_type": st.sampled_from(["m.replace", "m.thread"]) | JUNK}) | JUNK
CONTENTS = st.fixed_dictionaries(
    {},
    optional={
        "msgtype": st.sampled_from(["m.text", "m.notice", "M.Notice"]) | JUNK,
        "membership": st.sampled_from(["join", "invite", "Invite", "leave"]) | JUNK,
        "m.mentions": MENTIONS,
        "m.relates_to": RELATIONS,
    },
)
TYPES = st.sampled_from(sorted({"M.Room.Message", *(event.type for event, _ in EXAMPLES)}))
EVENTS = st.builds(an_event, TYPES, CONTENTS, st.sampled_from([None, "", WANG, LI]))


@given(EVENTS, st.sampled_from([WANG, LI, CHEN]), st.sampled_from([2, 3]), st.booleans())
def test_the_class_is_what_the_rules_say_to_every_viewer(
    event: Event, viewer: str, members: int, may_notify_room: bool
) -> None:
    actions = default_actions(event, viewer, members, may_notify_room)
    notice = classify(event, may_notify_room)
    named = viewer in notice.named
    if viewer == event.sender:
        assert not named
        return
    assert ("notify" in actions) == (notice.notice_class > NoticeClass.NONE or named)
    invited = named and event.type == "m.room.member"
    highlighted = notice.notice_class is NoticeClass.HIGHLIGHT_ALL or (named and not invited)
    assert ({"set_tweak": "highlight"} in actions) == highlighted
