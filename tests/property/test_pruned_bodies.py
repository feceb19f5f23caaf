"""Every fold gives the same result on the body of a room event and on what redaction or erasure leaves of it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from myelin.actions.erase import LASTING_STATE
from myelin.append.room_events import event_facts
from myelin.entries.entry import Draft, Entry, seal
from myelin.entries.rows import appended_row, entry_from_row
from myelin.matrix.events import EventDraft, build, redacted_body
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import ROOM_VERSIONS, RoomVersion
from myelin.matrix.signing import SigningKey
from myelin.policy.policy import PROTECTED_STATE
from myelin.state.fold import room_after
from myelin.state.room import Room
from myelin.state.room_fold import STATE_PARSERS, create_room, fold_event
from myelin.state.user import User
from myelin.state.user_fold import fold_user, touched_users
from tests.property.values import contents, texts, versions

KEY = SigningKey.from_seed(b"a seed of thirty-two bytes, fix.", "a")
SERVER, WANG, LI = "hospital.example", "@wang:hospital.example", "@li:hospital.example"

# Every type that a fold knows, and one that it does not.
TYPES = sorted({*STATE_PARSERS, "m.room.member", "m.room.redaction", "m.room.message"} - LASTING_STATE)

known_contents: st.SearchStrategy[JsonObject] = st.fixed_dictionaries(
    {},
    optional={
        "membership": st.sampled_from(["join", "leave", "invite", "ban", "knock"]),
        "displayname": texts,
        "join_rule": st.sampled_from(["public", "invite", "restricted"]),
        "allow": st.just([{"type": "m.room_membership", "room_id": "!ward"}]),
        "history_visibility": st.sampled_from(["shared", "joined", "world_readable"]),
        "algorithm": st.just("m.megolm.v1.aes-sha2"),
        "body": texts,
        "m.relates_to": st.just({"rel_type": "m.thread", "event_id": "$" + "a" * 43}),
        "m.mentions": st.just({"user_ids": [LI]}),
    },
)


def a_room(version: RoomVersion) -> Room:
    room_id = "" if version.create_room_id_is_hash else f"!ward:{SERVER}"
    content: JsonObject = {"room_version": version.id, "creator": WANG}
    draft = EventDraft(room_id, "m.room.create", WANG, "", content, 1, 1, (), ())
    event = build(draft, version, KEY, SERVER, b"n" * 16).event
    return create_room(event, 7)[0]


@st.composite
def events(draw: st.DrawFn) -> tuple[Room, Entry]:
    """A room, and an event that comes next in it, whether or not its rules would allow it."""
    version = draw(versions)
    room, event_type = a_room(version), draw(st.sampled_from(TYPES))
    keys = st.sampled_from([WANG, LI]) if event_type == "m.room.member" else st.just("")
    is_state = event_type not in ("m.room.redaction", "m.room.message")
    draft = EventDraft(
        room.room_id,
        event_type,
        WANG,
        draw(keys) if is_state else None,
        draw(known_contents) | draw(contents.map(without_relation)),
        2,
        2,
        (room.latest_event_id,),
        (),
        "$" + "r" * 43 if event_type == "m.room.redaction" else None,
    )
    built = build(draft, version, KEY, SERVER, b"n" * 16)
    sealed = Draft(
        facts=event_facts(built.event, room), body=built.body, room_id=room.room_id, sender=WANG, event=built.event
    )
    return room, seal(sealed, 8, 2, b"s" * 32)


def without_relation(content: JsonObject) -> JsonObject:
    return {key: value for key, value in content.items() if key not in ("membership", "allow", "join_rule")}


# The columns of an entry, in the order of the row that is appended; those of the projection `events` follow.
COLUMNS = (
    *("position", "at", "kind", "version", "room_id", "sender", "device_id", "transaction", "event_id", "facts"),
    *("commitment", "body", "salt", "leaf"),
)


def stored(entry: Entry, **changes: Any) -> Entry:
    """The entry as it is read back, with what became of its row."""
    row = dict(zip(COLUMNS, appended_row(entry), strict=False)) | {"erased_by": None}
    return entry_from_row(row | changes)


def pruned(entry: Entry, version: RoomVersion) -> Entry:
    assert entry.body is not None
    return stored(entry, body=redacted_body(entry.body, version), salt=None, erased_by=9)


@given(events())
def test_a_room_folds_the_same(drawn: tuple[Room, Entry]) -> None:
    room, entry = drawn
    after = pruned(entry, room.version)
    assert fold_event(room, stored(entry)) == fold_event(room, after)
    assert fold_event(room, entry) == fold_event(room, after)
    assert room_after(room, [entry]) == room_after(room, [after])


@given(events())
def test_a_person_folds_the_same(drawn: tuple[Room, Entry]) -> None:
    room, entry = drawn
    after = pruned(entry, room.version)
    assert list(touched_users(entry)) == list(touched_users(after))
    user = User(user_id=LI, number=1)
    assert fold_user(user, entry) == fold_user(user, after)


@given(events())
def test_the_row_of_an_event_is_the_same(drawn: tuple[Room, Entry]) -> None:
    room, entry = drawn
    after = appended_row(pruned(entry, room.version))
    kept = [index for index, name in enumerate(COLUMNS) if name not in ("body", "salt")]
    before = appended_row(entry)
    assert [before[index] for index in kept] == [after[index] for index in kept]
    assert before[len(COLUMNS) :] == after[len(COLUMNS) :]


def test_what_folds_read_and_redaction_takes_away_can_be_neither_redacted_nor_erased() -> None:
    # The types that the properties above leave out: `m.room.create` and power levels of version 10, `org.myelin.room`.
    assert LASTING_STATE <= PROTECTED_STATE
    for version in ROOM_VERSIONS.values():
        room = a_room(version)
        content: JsonObject = {"kind": "ward", "feed": "critical"}
        draft = EventDraft(room.room_id, "org.myelin.room", WANG, "", content, 2, 2, (room.latest_event_id,), ())
        built = build(draft, version, KEY, SERVER, b"n" * 16)
        sealed = Draft(
            facts=event_facts(built.event, room), body=built.body, room_id=room.room_id, sender=WANG, event=built.event
        )
        entry = seal(sealed, 8, 2, b"s" * 32)
        whole, without = fold_event(room, entry)[0], fold_event(room, pruned(entry, version))[0]
        assert (whole.kind, without.kind) == ("ward", None)
