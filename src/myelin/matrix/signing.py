"""Ed25519 signatures and signed JSON (appendices, "Signing JSON")."""

from collections.abc import Mapping
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from myelin.matrix import canonical_json
from myelin.matrix.errors import InvalidParam
from myelin.matrix.identifiers import decode_base64, encode_base64
from myelin.matrix.json import JsonObject, JsonValue

ALGORITHM = "ed25519"
_UNSIGNED = frozenset({"signatures", "unsigned"})


class SigningKey:
    """A private Ed25519 key and the identifier that others know it by (`ed25519:...`)."""

    __slots__ = ("_private_key", "key_id")

    def __init__(self, key_id: str, private_key: Ed25519PrivateKey) -> None:
        self.key_id = key_id
        self._private_key = private_key

    @classmethod
    def from_seed(cls, seed: bytes, name: str) -> Self:
        """The key that grows from 32 secret bytes; its identifier is `ed25519:` and the name."""
        return cls(f"{ALGORITHM}:{name}", Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public_key(self) -> str:
        """The public half as unpadded Base64."""
        return encode_base64(self._private_key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> str:
        """The signature as unpadded Base64."""
        return encode_base64(self._private_key.sign(message))

    def sign_json(self, value: JsonObject, server_name: str) -> JsonObject:
        """The object with one signature more; `unsigned` and older signatures stay and are not covered."""
        signature = self.sign(_signed_bytes(value))
        signatures = _object(value.get("signatures"))
        own = {**_object(signatures.get(server_name)), self.key_id: signature}
        return {**value, "signatures": {**signatures, server_name: own}}


def verify(message: bytes, signature: str, public_key: str) -> bool:
    """Whether the signature over the bytes is that key's; both are unpadded Base64."""
    try:
        key = Ed25519PublicKey.from_public_bytes(decode_base64(public_key))
        key.verify(decode_base64(signature), message)
    except (InvalidSignature, InvalidParam, ValueError):
        return False
    return True


def verify_json(value: JsonObject, signer: str, public_keys: Mapping[str, str]) -> bool:
    """Whether `signer` signed the object with one of the keys given (key identifier to public key).

    Signatures by unknown keys are skipped; one false signature by a known key spoils all.
    """
    signatures = _object(_object(value.get("signatures")).get(signer))
    known = {key_id: text for key_id, text in signatures.items() if key_id in public_keys}
    message = _signed_bytes(value)
    return bool(known) and all(
        isinstance(text, str) and verify(message, text, public_keys[key_id]) for key_id, text in known.items()
    )


def _signed_bytes(value: JsonObject) -> bytes:
    return canonical_json.encode({key: item for key, item in value.items() if key not in _UNSIGNED})


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}
