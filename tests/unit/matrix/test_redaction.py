import pytest

from myelin.matrix.canonical_json import encode
from myelin.matrix.events import redact, redacted_body
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import ROOM_VERSIONS, room_version

SIGNED: JsonObject = {"mxid": "@li:hospital.example", "token": "t", "signatures": {}}
LEVELS: JsonObject = {"ban": 1, "events": {}, "events_default": 1, "kick": 1, "redact": 1, "state_default": 1}
USERS: JsonObject = {"users": {}, "users_default": 1}

# Event type, content, what version 10 keeps of it, what versions 11 and 12 keep of it.
TABLE: list[tuple[str, JsonObject, JsonObject, JsonObject]] = [
    ("m.room.message", {"body": "b", "redacts": "$a", "membership": "join"}, {}, {}),
    ("m.room.encrypted", {"algorithm": "a", "ciphertext": "c"}, {}, {}),
    ("m.room.name", {"name": "n"}, {}, {}),
    ("m.room.aliases", {"aliases": ["#a:b"]}, {}, {}),
    (
        "m.room.member",
        {"membership": "join", "join_authorised_via_users_server": "@a:b", "displayname": "d", "avatar_url": "u"},
        {"membership": "join", "join_authorised_via_users_server": "@a:b"},
        {"membership": "join", "join_authorised_via_users_server": "@a:b"},
    ),
    (
        "m.room.member",
        {"membership": "invite", "third_party_invite": {"signed": SIGNED, "display_name": "d"}},
        {"membership": "invite"},
        {"membership": "invite", "third_party_invite": {"signed": SIGNED}},
    ),
    ("m.room.member", {"third_party_invite": {"display_name": "d"}}, {}, {}),
    ("m.room.member", {"third_party_invite": "no object"}, {}, {}),
    (
        "m.room.create",
        {"creator": "@a:b", "room_version": "10", "m.federate": False, "type": "m.space"},
        {"creator": "@a:b"},
        {"creator": "@a:b", "room_version": "10", "m.federate": False, "type": "m.space"},
    ),
    (
        "m.room.join_rules",
        {"join_rule": "restricted", "allow": [], "note": "n"},
        {"join_rule": "restricted", "allow": []},
        {"join_rule": "restricted", "allow": []},
    ),
    (
        "m.room.power_levels",
        {**LEVELS, **USERS, "invite": 1, "notifications": {"room": 1}},
        {**LEVELS, **USERS},
        {**LEVELS, **USERS, "invite": 1},
    ),
    (
        "m.room.history_visibility",
        {"history_visibility": "joined", "note": "n"},
        {"history_visibility": "joined"},
        {"history_visibility": "joined"},
    ),
    ("m.room.redaction", {"redacts": "$a", "reason": "r"}, {}, {"redacts": "$a"}),
]

ALWAYS: JsonObject = {
    "event_id": "$e",
    "type": "m.room.message",
    "room_id": "!r:b",
    "sender": "@a:b",
    "state_key": "",
    "hashes": {"sha256": "h"},
    "signatures": {"b": {}},
    "depth": 1,
    "prev_events": [],
    "auth_events": [],
    "origin_server_ts": 1,
}
UNTIL_10: JsonObject = {"origin": "b", "membership": "join", "prev_state": []}
NEVER: JsonObject = {"unsigned": {"age": 1}, "redacts": "$a", "org.myelin.nonce": "n", "org.example.note": 1}


@pytest.mark.parametrize(("event_type", "content", "kept_by_10", "kept_since_11"), TABLE)
def test_content(event_type: str, content: JsonObject, kept_by_10: JsonObject, kept_since_11: JsonObject) -> None:
    pdu: JsonObject = {"type": event_type, "content": content}
    for version in ROOM_VERSIONS.values():
        kept = kept_by_10 if version.id == "10" else kept_since_11
        assert redact(pdu, version) == {"type": event_type, "content": kept}


def test_top_level_keys() -> None:
    pdu: JsonObject = {**ALWAYS, **UNTIL_10, **NEVER, "content": {"body": "b"}}
    assert redact(pdu, room_version("10")) == {**ALWAYS, **UNTIL_10, "content": {}}
    for version in ("11", "12"):
        assert redact(pdu, room_version(version)) == {**ALWAYS, "content": {}}


def test_a_redacted_body_is_canonical_and_keeps_hashes_and_signatures() -> None:
    body = encode({**ALWAYS, **NEVER, "content": {"body": "b"}})
    assert redacted_body(body, room_version("12")) == encode({**ALWAYS, "content": {}})


@pytest.mark.parametrize("pdu", [{}, {"type": 1, "content": 2}, {"type": "m.room.create", "content": [1]}])
def test_a_malformed_event_is_redacted_to_nothing(pdu: JsonObject) -> None:
    for version in ROOM_VERSIONS.values():
        assert redact(pdu, version)["content"] == {}
