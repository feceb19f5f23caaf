import json

from hypothesis import assume, given
from hypothesis import strategies as st

from myelin.matrix.canonical_json import decode_object, encode
from myelin.matrix.errors import BadJson
from myelin.matrix.events import (
    NONCE,
    EventDraft,
    build,
    event_id_of,
    parse,
    redact,
    redacted_body,
    verify,
    verify_signature,
)
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import RoomVersion
from myelin.matrix.signing import SigningKey
from tests.property.values import contents, drafts, json_values, objects, server_names, versions

KEY = SigningKey.from_seed(b"a seed of thirty-two bytes, fix.", "a")
PUBLIC_KEYS = {KEY.key_id: KEY.public_key}
nonces = st.binary(min_size=16, max_size=16)


@given(drafts(), versions, server_names, nonces)
def test_what_is_built_is_canonical_verified_and_read_back(
    draft: EventDraft, version: RoomVersion, server_name: str, nonce: bytes
) -> None:
    built = build(draft, version, KEY, server_name, nonce)
    assert built.body == encode(json.loads(built.body))
    assert verify(built.body, version, server_name, PUBLIC_KEYS)
    assert parse(built.body, built.event.event_id, built.event.room_id, version) == built.event


@given(drafts(), versions, server_names, nonces)
def test_id_and_signature_outlive_redaction(
    draft: EventDraft, version: RoomVersion, server_name: str, nonce: bytes
) -> None:
    built = build(draft, version, KEY, server_name, nonce)
    pruned = redacted_body(built.body, version)
    assert built.event.event_id == event_id_of(built.body, version) == event_id_of(pruned, version)
    assert verify_signature(pruned, version, server_name, PUBLIC_KEYS)
    assert NONCE not in decode_object(pruned)


@given(drafts(), versions, server_names, nonces, nonces)
def test_equal_events_have_unequal_ids(
    draft: EventDraft, version: RoomVersion, server_name: str, nonce: bytes, other: bytes
) -> None:
    assume(nonce != other)
    first, second = (build(draft, version, KEY, server_name, each).event for each in (nonce, other))
    assert first.event_id != second.event_id


@given(drafts(), versions, server_names, nonces, st.data())
def test_no_change_of_an_event_stays_unnoticed(
    draft: EventDraft, version: RoomVersion, server_name: str, nonce: bytes, choice: st.DataObject
) -> None:
    body = build(draft, version, KEY, server_name, nonce).body
    pdu = decode_object(body)
    key = choice.draw(st.sampled_from(sorted(pdu)))
    value = choice.draw(json_values)
    assume(encode(value) != encode(pdu[key]))
    assert not verify(encode({**pdu, key: value}), version, server_name, PUBLIC_KEYS)


pdus = st.builds(
    lambda event_type, content, more: {**more, "type": event_type, "content": content},
    st.sampled_from(["m.room.member", "m.room.create", "m.room.power_levels", "m.room.redaction", "m.room.message"]),
    contents,
    objects,
)


@given(pdus | objects, versions)
def test_redaction_is_idempotent_and_only_takes_away(pdu: JsonObject, version: RoomVersion) -> None:
    once = redact(pdu, version)
    assert redact(once, version) == once
    assert once.keys() <= pdu.keys() | {"content"}
    assert all(once[key] == pdu[key] for key in once if key != "content")
    content, original = once["content"], pdu.get("content")
    assert isinstance(content, dict)
    assert content.keys() <= (original.keys() if isinstance(original, dict) else set())


@given(st.binary() | objects.map(encode), versions)
def test_any_bytes_are_an_event_or_refused(body: bytes, version: RoomVersion) -> None:
    try:
        event = parse(body, "$e", "!r", version)
    except BadJson:
        return
    assert json.loads(body)["type"] == event.type
