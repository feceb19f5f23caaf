"""What `/_matrix/key/v2/server` publishes (server-server API, "Publishing Keys")."""

from collections.abc import Mapping

import msgspec

from myelin.matrix.json import JsonObject
from myelin.matrix.signing import SigningKey


class OldKey(msgspec.Struct, frozen=True):
    """A key that signs no more: its public half and until when (milliseconds) its signatures count."""

    public_key: str
    expired_ts: int


def server_keys(
    server_name: str, key: SigningKey, valid_until_ts: int, old_keys: Mapping[str, OldKey] | None = None
) -> JsonObject:
    """The server's keys, signed by the current one; `old_keys` maps key identifiers."""
    published: JsonObject = {
        "server_name": server_name,
        "valid_until_ts": valid_until_ts,
        "verify_keys": {key.key_id: {"key": key.public_key}},
        "old_verify_keys": {
            key_id: {"key": old.public_key, "expired_ts": old.expired_ts} for key_id, old in (old_keys or {}).items()
        },
    }
    return key.sign_json(published, server_name)
