"""Invitations to people known only by an address elsewhere (client-server API, "Third-party invites")."""

from collections.abc import Iterator
from typing import Self

import msgspec

from myelin.matrix.json import JsonObject, JsonValue
from myelin.matrix.signing import verify_json


class ThirdPartyInvite(msgspec.Struct, frozen=True):
    """What authorisation asks of an `m.room.third_party_invite` event: its sender and its public keys."""

    sender: str
    public_keys: tuple[str, ...]

    @classmethod
    def parse(cls, sender: str, content: JsonObject) -> Self:
        """The invitation that an event of this sender and content makes."""
        return cls(sender, tuple(_public_keys(content)))

    def signed(self, signed: JsonObject) -> bool:
        """Whether any signature on `signed` is by any of this invitation's keys."""
        return any(
            verify_json(signed, signer, {key_id: public_key})
            for signer, signatures in _object(signed.get("signatures")).items()
            for key_id in _object(signatures)
            for public_key in self.public_keys
        )


def _public_keys(content: JsonObject) -> Iterator[str]:
    public_keys = content.get("public_keys")
    for entry in [content, *(public_keys if isinstance(public_keys, list) else [])]:
        public_key = _object(entry).get("public_key")
        if isinstance(public_key, str):
            yield public_key


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}
