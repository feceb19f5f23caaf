import json
from hashlib import sha256

import pytest
from msgspec.structs import replace

from myelin.matrix.canonical_json import encode
from myelin.matrix.errors import BadJson, TooLarge
from myelin.matrix.events import (
    MAX_PDU_BYTES,
    NONCE,
    BuiltEvent,
    EventDraft,
    build,
    client_fields,
    event_id_of,
    parse,
    redacted_body,
    verify,
    verify_signature,
)
from myelin.matrix.identifiers import decode_base64, encode_base64, encode_base64url
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import ROOM_VERSIONS, room_version
from myelin.matrix.signing import SigningKey

# Appendices, "Cryptographic Test Vectors".
KEY = SigningKey.from_seed(decode_base64("YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1"), "1")
PUBLIC_KEYS = {KEY.key_id: KEY.public_key}
NONCE_BYTES = bytes(range(16))
SERVER = "hospital.example"
WANG = "@wang:hospital.example"

MESSAGE = EventDraft(
    room_id="!ward",
    type="m.room.message",
    sender=WANG,
    state_key=None,
    content={"msgtype": "m.text", "body": "早上好"},
    origin_server_ts=1_700_000_000_000,
    depth=7,
    prev_events=("$before",),
    auth_events=("$levels", "$member"),
)
CREATE = replace(
    MESSAGE, room_id="", type="m.room.create", state_key="", content={"room_version": "12"}, prev_events=(), depth=1
)
REDACTION = replace(MESSAGE, type="m.room.redaction", content={"reason": "wrong room"}, redacts="$target")


def built(draft: EventDraft, version: str = "12", nonce: bytes = NONCE_BYTES) -> BuiltEvent:
    return build(draft, room_version(version), KEY, SERVER, nonce)


def pdu_of(event: BuiltEvent) -> JsonObject:
    pdu: JsonObject = json.loads(event.body)
    return pdu


MINIMAL: JsonObject = {
    "auth_events": [],
    "content": {},
    "depth": 3,
    "hashes": {"sha256": "5jM4wQpv6lnBo7CLIghJuHdW+s2CMBJPUOGOC89ncos"},
    "origin": "domain",
    "origin_server_ts": 1000000,
    "prev_events": [],
    "room_id": "!x:domain",
    "sender": "@a:domain",
    "signatures": {
        "domain": {
            "ed25519:1": "KxwGjPSDEtvnFgU00fwFz+l6d2pJM6XBIaMEn81SXPTRl16AqLAYqfIReFGZlHi5KLjAWbOoMszkwsQma+lYAg"
        }
    },
    "type": "X",
    "unsigned": {"age_ts": 1000000},
}
REDACTABLE: JsonObject = {
    "content": {"body": "Here is the message content"},
    "event_id": "$0:domain",
    "hashes": {"sha256": "onLKD1bGljeBWQhWZ1kaP9SorVmRQNdN5aM2JYU2n/g"},
    "origin": "domain",
    "origin_server_ts": 1000000,
    "type": "m.room.message",
    "room_id": "!r:domain",
    "sender": "@u:domain",
    "signatures": {
        "domain": {
            "ed25519:1": "Wm+VzmOUOz08Ds+0NTWb1d4CZrVsJSikkeRxh6aCcUwu6pNC78FunoD7KNWzqFn241eYHYMGCA5McEiVPdhzBA"
        }
    },
    "unsigned": {"age_ts": 1000000},
}


@pytest.mark.parametrize("pdu", [MINIMAL, REDACTABLE], ids=["minimal", "redactable"])
def test_vectors(pdu: JsonObject) -> None:
    # They are of the first room versions, where redaction keeps `origin`; so does version 10.
    version = room_version("10")
    assert verify(encode(pdu), version, "domain", PUBLIC_KEYS)
    assert not verify(encode({**pdu, "content": {"body": "another"}}), version, "domain", PUBLIC_KEYS)
    assert not verify(encode({**pdu, "sender": "@b:domain"}), version, "domain", PUBLIC_KEYS)
    assert not verify(encode(pdu), version, "domain", {})


@pytest.mark.parametrize("version", list(ROOM_VERSIONS))
@pytest.mark.parametrize("draft", [MESSAGE, REDACTION, replace(MESSAGE, type="m.room.name", state_key="")])
def test_a_built_event_is_canonical_verified_and_read_back(draft: EventDraft, version: str) -> None:
    event = built(draft, version)
    assert event.body == encode(json.loads(event.body))
    assert verify(event.body, room_version(version), SERVER, PUBLIC_KEYS)
    assert event.event.event_id == event_id_of(event.body, room_version(version))
    assert parse(event.body, event.event.event_id, event.event.room_id, room_version(version)) == event.event


def test_hashes_are_computed_as_the_standard_says() -> None:
    event = built(MESSAGE)
    pdu = pdu_of(event)
    without_hashes = {key: value for key, value in pdu.items() if key not in ("hashes", "signatures")}
    assert pdu["hashes"] == {"sha256": encode_base64(sha256(encode(without_hashes)).digest())}
    del pdu["signatures"], pdu[NONCE]
    redacted: JsonObject = {**pdu, "content": {}}
    assert event.event.event_id == "$" + encode_base64url(sha256(encode(redacted)).digest())


def test_the_nonce_makes_equal_events_differ_and_goes_with_redaction() -> None:
    first, second = built(MESSAGE), built(MESSAGE, nonce=bytes(16))
    assert first.event.event_id != second.event.event_id
    assert pdu_of(first)[NONCE] == encode_base64(NONCE_BYTES)
    version = room_version("12")
    pruned = redacted_body(first.body, version)
    assert NONCE not in json.loads(pruned)
    assert event_id_of(pruned, version) == first.event.event_id
    assert verify_signature(pruned, version, SERVER, PUBLIC_KEYS)
    assert not verify(pruned, version, SERVER, PUBLIC_KEYS)


def test_since_version_12_the_create_event_names_the_room() -> None:
    event = built(CREATE)
    assert "room_id" not in pdu_of(event)
    assert event.event.room_id == "!" + event.event.event_id[1:]
    assert verify(event.body, room_version("12"), SERVER, PUBLIC_KEYS)


@pytest.mark.parametrize(("version", "in_content"), [("10", False), ("11", True), ("12", True)])
def test_where_a_redaction_keeps_its_target(version: str, in_content: bool) -> None:
    event = built(REDACTION, version)
    pdu = pdu_of(event)
    assert pdu["content"] == {"reason": "wrong room", **({"redacts": "$target"} if in_content else {})}
    assert pdu.get("redacts") == (None if in_content else "$target")
    assert event.event.redacts == "$target"
    # Clients find it in both places.
    fields = client_fields(event.event)
    assert fields["redacts"] == "$target"
    assert fields["content"] == {"reason": "wrong room", "redacts": "$target"}


def test_clients_see_no_field_of_the_servers() -> None:
    event = built(MESSAGE).event
    assert client_fields(event) == {
        "type": "m.room.message",
        "sender": WANG,
        "content": MESSAGE.content,
        "event_id": event.event_id,
        "room_id": "!ward",
        "origin_server_ts": 1_700_000_000_000,
    }
    assert client_fields(replace(event, state_key=""))["state_key"] == ""


def test_only_a_redaction_redacts() -> None:
    body = built(replace(MESSAGE, content={"redacts": "$target"})).body
    assert parse(body, "$e", "!r", room_version("12")).redacts is None


def test_membership_is_that_of_member_events() -> None:
    event = built(replace(MESSAGE, type="m.room.member", state_key=WANG, content={"membership": "join"})).event
    assert event.membership == "join" and event.is_state
    assert replace(event, type="m.room.message").membership is None
    assert replace(event, content={"membership": 1}).membership is None


def message_of(body_bytes: int) -> EventDraft:
    return replace(MESSAGE, content={"body": "x" * body_bytes})


def test_an_event_has_65536_bytes_at_most() -> None:
    overhead = len(built(message_of(0)).body)
    assert len(built(message_of(MAX_PDU_BYTES - overhead)).body) == MAX_PDU_BYTES
    with pytest.raises(TooLarge):
        built(message_of(MAX_PDU_BYTES - overhead + 1))


LONGEST = "早" * 85


@pytest.mark.parametrize("field", ["type", "state_key", "sender", "room_id"])
def test_fields_have_255_bytes_at_most(field: str) -> None:
    built(replace(MESSAGE, **{field: LONGEST}))
    with pytest.raises(TooLarge):
        built(replace(MESSAGE, **{field: LONGEST + "a"}))


@pytest.mark.parametrize(
    "draft",
    [
        replace(MESSAGE, content={"body": 1.5}),
        replace(MESSAGE, content={"body": "\ud800"}),
        replace(MESSAGE, type="\ud800"),
        replace(MESSAGE, state_key="\udfff"),
    ],
)
def test_what_is_not_canonical_becomes_no_event(draft: EventDraft) -> None:
    with pytest.raises(BadJson):
        built(draft)


GOOD_PDU = pdu_of(built(MESSAGE))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        encode({key: value for key, value in GOOD_PDU.items() if key != "sender"}),
        encode({**GOOD_PDU, "content": []}),
        encode({**GOOD_PDU, "state_key": None}),
        encode({**GOOD_PDU, "depth": "7"}),
        encode({**GOOD_PDU, "prev_events": [1]}),
        encode(GOOD_PDU).replace(b'"content":{', b'"content":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b","),
    ],
)
def test_what_is_not_an_event_is_refused(body: bytes) -> None:
    with pytest.raises(BadJson):
        parse(body, "$e", "!r", room_version("12"))


def test_the_content_of_a_draft_is_not_changed() -> None:
    content: JsonObject = {"reason": "wrong room"}
    built(replace(REDACTION, content=content))
    assert content == {"reason": "wrong room"}
