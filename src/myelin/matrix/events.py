"""Room events: built, hashed and signed; parsed; verified (server-server API, "Signing Events"; rooms/v12).

This module owns the wire form of an event (the PDU). It knows no room state: which events are selected as
`auth_events` and whether a room accepts the event is for `rules`.
"""

from collections.abc import Mapping
from hashlib import sha256

import msgspec
import orjson

from myelin.matrix import canonical_json
from myelin.matrix.errors import BadJson, TooLarge
from myelin.matrix.identifiers import MAX_BYTES, encode_base64, encode_base64url
from myelin.matrix.json import JsonObject
from myelin.matrix.redaction import redact, redact_content, redacted_body
from myelin.matrix.room_versions import RoomVersion
from myelin.matrix.signing import SigningKey, verify_json

__all__ = [
    "NONCE",
    "BuiltEvent",
    "Event",
    "EventDraft",
    "build",
    "client_fields",
    "event_id_of",
    "parse",
    "redact",
    "redact_content",
    "redacted_body",
    "verify",
    "verify_signature",
]

NONCE = "org.myelin.nonce"
MAX_PDU_BYTES = 65_536
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_UNHASHED = frozenset({"unsigned", "signatures", "hashes"})
_UNREFERENCED = frozenset({"unsigned", "signatures"})


class Event(msgspec.Struct, frozen=True, gc=False):
    """An event that has its id."""

    event_id: str
    room_id: str
    type: str
    sender: str
    state_key: str | None
    content: JsonObject
    origin_server_ts: int
    depth: int
    prev_events: tuple[str, ...]
    auth_events: tuple[str, ...]
    redacts: str | None = None
    """The event that an `m.room.redaction` names, from wherever the room version keeps it."""

    @property
    def is_state(self) -> bool:
        return self.state_key is not None

    @property
    def membership(self) -> str | None:
        """The membership that a member event sets; None for any other event."""
        membership = self.content.get("membership") if self.type == "m.room.member" else None
        return membership if isinstance(membership, str) else None


class EventDraft(msgspec.Struct, frozen=True, gc=False):
    """An event before it has hashes and an id; `room_id` is empty where the id will follow from the event itself."""

    room_id: str
    type: str
    sender: str
    state_key: str | None
    content: JsonObject
    origin_server_ts: int
    depth: int
    prev_events: tuple[str, ...]
    auth_events: tuple[str, ...]
    redacts: str | None = None


class BuiltEvent(msgspec.Struct, frozen=True, gc=False):
    """A new event and its exact canonical bytes, with hashes, signatures and nonce."""

    event: Event
    body: bytes


class _Pdu(msgspec.Struct, frozen=True, gc=False):
    type: str
    sender: str
    content: JsonObject
    origin_server_ts: int
    depth: int
    prev_events: tuple[str, ...]
    auth_events: tuple[str, ...]
    state_key: str | msgspec.UnsetType = msgspec.UNSET
    redacts: str | msgspec.UnsetType = msgspec.UNSET


_decoder = msgspec.json.Decoder(_Pdu)
_REDACTION = "m.room.redaction"


def build(draft: EventDraft, version: RoomVersion, key: SigningKey, server_name: str, nonce: bytes) -> BuiltEvent:
    """The signed event; `BadJson` where the content is not canonical, `TooLarge` where the event breaks a limit.

    The nonce (16 random bytes) is covered by the content hash and taken away by redaction, so that an event id
    betrays nothing of what was erased.
    """
    content = _content(draft, version)
    lasting = _lasting_fields(draft)
    # What redaction changes or takes away. The content is serialised once and embedded as it is.
    passing: dict[str, object] = {
        "content": orjson.Fragment(canonical_json.encode(content)),
        NONCE: encode_base64(nonce),
    }
    if draft.redacts is not None and not version.redacts_in_content:
        passing["redacts"] = draft.redacts
    lasting["hashes"] = {"sha256": encode_base64(sha256(_dump(lasting | passing)).digest())}
    # One form serves twice: the reference hash and the signature both cover the redacted event.
    redacted = _dump({**lasting, "content": redact_content(draft.type, content, version)})
    reference_hash = encode_base64url(sha256(redacted).digest())
    lasting["signatures"] = {server_name: {key.key_id: key.sign(redacted)}}
    event = _event(draft, content, reference_hash)
    return BuiltEvent(event, _check_size(event, _dump(lasting | passing)))


def parse(body: bytes, event_id: str, room_id: str, version: RoomVersion) -> Event:
    """The event that a body holds; `BadJson` where a field is missing or of the wrong type."""
    try:
        pdu = _decoder.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise BadJson("this is not an event") from None
    return Event(
        event_id,
        room_id,
        pdu.type,
        pdu.sender,
        None if pdu.state_key is msgspec.UNSET else pdu.state_key,
        pdu.content,
        pdu.origin_server_ts,
        pdu.depth,
        pdu.prev_events,
        pdu.auth_events,
        _redacts(pdu, version),
    )


def event_id_of(body: bytes, version: RoomVersion) -> str:
    """The id of an event: its reference hash (rooms/v4, "Event IDs")."""
    redacted = redact(canonical_json.decode_object(body), version)
    return "$" + encode_base64url(sha256(_without(redacted, _UNREFERENCED)).digest())


def verify(body: bytes, version: RoomVersion, server_name: str, public_keys: Mapping[str, str]) -> bool:
    """Whether the content hash is right and the server signed the event (key identifier to public key).

    A redacted body never passes, for its content hash is that of the original: ask `verify_signature`.
    """
    pdu = canonical_json.decode_object(body)
    content_hash = encode_base64(sha256(_without(pdu, _UNHASHED)).digest())
    return pdu.get("hashes") == {"sha256": content_hash} and verify_signature(body, version, server_name, public_keys)


def verify_signature(body: bytes, version: RoomVersion, server_name: str, public_keys: Mapping[str, str]) -> bool:
    """Whether the server signed the event, redacted since or not."""
    return verify_json(redact(canonical_json.decode_object(body), version), server_name, public_keys)


def client_fields(event: Event) -> JsonObject:
    """The event as clients see it, without `unsigned` (client-server API, "Room event format")."""
    fields: JsonObject = {
        "type": event.type,
        "sender": event.sender,
        "content": event.content,
        "event_id": event.event_id,
        "room_id": event.room_id,
        "origin_server_ts": event.origin_server_ts,
    }
    if event.state_key is not None:
        fields["state_key"] = event.state_key
    if event.redacts is not None:
        # Older clients look at the top level, newer ones into the content, whatever the room version (rooms/v11).
        fields |= {"redacts": event.redacts, "content": {**event.content, "redacts": event.redacts}}
    return fields


def _content(draft: EventDraft, version: RoomVersion) -> JsonObject:
    if draft.redacts is None or not version.redacts_in_content:
        return draft.content
    return {**draft.content, "redacts": draft.redacts}


def _lasting_fields(draft: EventDraft) -> dict[str, object]:
    fields: dict[str, object] = {
        "type": draft.type,
        "sender": draft.sender,
        "origin_server_ts": draft.origin_server_ts,
        "depth": draft.depth,
        "prev_events": draft.prev_events,
        "auth_events": draft.auth_events,
    }
    if draft.state_key is not None:
        fields["state_key"] = draft.state_key
    if draft.room_id:
        fields["room_id"] = draft.room_id
    return fields


def _event(draft: EventDraft, content: JsonObject, reference_hash: str) -> Event:
    return Event(
        "$" + reference_hash,
        draft.room_id or "!" + reference_hash,
        draft.type,
        draft.sender,
        draft.state_key,
        content,
        draft.origin_server_ts,
        draft.depth,
        draft.prev_events,
        draft.auth_events,
        draft.redacts,
    )


def _check_size(event: Event, body: bytes) -> bytes:
    # The complete event MUST NOT be larger than 65536 bytes (client-server API, "Size limits").
    if len(body) > MAX_PDU_BYTES:
        raise TooLarge(f"an event may have {MAX_PDU_BYTES} bytes at most")
    for text in (event.sender, event.room_id, event.state_key or "", event.type):
        # Most fields are short enough to fit whatever they contain.
        if len(text) * 4 > MAX_BYTES and len(text.encode()) > MAX_BYTES:
            raise TooLarge(f"sender, room_id, state_key and type may have {MAX_BYTES} bytes each")
    return body


def _redacts(pdu: _Pdu, version: RoomVersion) -> str | None:
    if pdu.type != _REDACTION:
        return None
    redacts = pdu.content.get("redacts") if version.redacts_in_content else pdu.redacts
    return redacts if isinstance(redacts, str) else None


def _without(pdu: JsonObject, keys: frozenset[str]) -> bytes:
    return canonical_json.encode({key: value for key, value in pdu.items() if key not in keys})


def _dump(fields: dict[str, object]) -> bytes:
    try:
        return orjson.dumps(fields, option=_OPTIONS)
    except orjson.JSONEncodeError:
        raise BadJson("event types and state keys must be valid Unicode") from None
