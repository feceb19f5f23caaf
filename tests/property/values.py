"""Random values of Matrix: JSON, drafts of events, memberships."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from myelin.matrix.canonical_json import MAX_INTEGER
from myelin.matrix.events import EventDraft
from myelin.matrix.json import JsonObject, JsonValue
from myelin.matrix.room_versions import ROOM_VERSIONS

# Python sorts strings, as the standard sorts keys, by code point.
texts = st.text(max_size=12)
integers = st.integers(-MAX_INTEGER, MAX_INTEGER)
scalars: SearchStrategy[JsonValue] = st.none() | st.booleans() | integers | texts
json_values: SearchStrategy[JsonValue] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)
objects: SearchStrategy[JsonObject] = st.dictionaries(texts, json_values, max_size=5)

versions = st.sampled_from(sorted(ROOM_VERSIONS)).map(ROOM_VERSIONS.__getitem__)
server_names = st.sampled_from(["hospital.example", "clinic.example:8448", "[::1]"])
event_types = st.sampled_from(
    [
        "m.room.create",
        "m.room.member",
        "m.room.power_levels",
        "m.room.join_rules",
        "m.room.history_visibility",
        "m.room.redaction",
        "m.room.encrypted",
        "org.example.note",
    ]
)
# Keys that redaction keeps in one version or another, among any others.
_kept_keys = st.sampled_from(
    ["membership", "third_party_invite", "creator", "join_rule", "allow", "ban", "invite", "users", "redacts", "signed"]
)
contents: SearchStrategy[JsonObject] = st.dictionaries(
    _kept_keys | texts,
    json_values | st.dictionaries(st.just("signed") | texts, json_values, max_size=2),
    max_size=5,
)
event_ids = st.from_regex(r"\$[A-Za-z0-9_-]{43}", fullmatch=True)
id_tuples = st.lists(event_ids, max_size=3).map(tuple)


@st.composite
def drafts(draw: st.DrawFn) -> EventDraft:
    event_type = draw(event_types)
    return EventDraft(
        room_id="" if event_type == "m.room.create" else "!" + draw(event_ids)[1:],
        type=event_type,
        sender="@wang:" + draw(server_names),
        state_key=draw(st.none() | texts),
        content=draw(contents),
        origin_server_ts=draw(st.integers(0, MAX_INTEGER)),
        depth=draw(st.integers(0, MAX_INTEGER)),
        prev_events=draw(id_tuples),
        auth_events=draw(id_tuples),
        redacts=draw(event_ids) if event_type == "m.room.redaction" else None,
    )
