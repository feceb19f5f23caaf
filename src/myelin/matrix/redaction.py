"""What redaction leaves of an event (rooms/v10 and v11, "Redactions")."""

from myelin.matrix import canonical_json
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import RoomVersion

_NOTHING: frozenset[str] = frozenset()


def redact(pdu: JsonObject, version: RoomVersion) -> JsonObject:
    """The event without what the room version lets a redaction take away."""
    kept = version.redaction.top_level_keys
    redacted = {key: value for key, value in pdu.items() if key in kept}
    event_type, content = pdu.get("type"), pdu.get("content")
    redacted["content"] = redact_content(
        event_type if isinstance(event_type, str) else "", content if isinstance(content, dict) else {}, version
    )
    return redacted


def redact_content(event_type: str, content: JsonObject, version: RoomVersion) -> JsonObject:
    """What redaction leaves of the content of an event of this type."""
    rules = version.redaction
    if rules.keeps_create_content and event_type == "m.room.create":
        return content
    kept = rules.content_keys.get(event_type, _NOTHING)
    redacted = {key: value for key, value in content.items() if key in kept}
    if rules.keeps_signed_third_party_invite and event_type == "m.room.member":
        redacted |= _signed_third_party_invite(content)
    return redacted


def redacted_body(body: bytes, version: RoomVersion) -> bytes:
    """The canonical bytes of the redacted event, hashes and signatures still with it."""
    return canonical_json.encode(redact(canonical_json.decode_object(body), version))


def _signed_third_party_invite(content: JsonObject) -> JsonObject:
    invite = content.get("third_party_invite")
    if not isinstance(invite, dict) or "signed" not in invite:
        return {}
    return {"third_party_invite": {"signed": invite["signed"]}}
