"""Real keys for the stories: Ed25519 signatures over canonical JSON, as devices and people have them."""

import base64
import itertools
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ALGORITHMS = ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"]
Signed = dict[str, Any]


def unpadded(octets: bytes) -> str:
    return base64.b64encode(octets).decode().rstrip("=")


def canonical(value: Signed) -> bytes:
    unsigned = {key: part for key, part in value.items() if key not in ("signatures", "unsigned")}
    return json.dumps(unsigned, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def verifies(value: Signed, signature: str, public: str) -> bool:
    """The signature of the JSON object was made by the owner of the public key (both in unpadded Base64)."""
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public + "=="))
    try:
        key.verify(base64.b64decode(signature + "=="), canonical(value))
    except InvalidSignature:
        return False
    return True


@dataclass(frozen=True)
class Signer:
    """One Ed25519 key pair that signs JSON objects."""

    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @cached_property
    def public(self) -> str:
        return unpadded(self.private.public_key().public_bytes_raw())

    def sign(self, value: Signed, user_id: str, key_name: str) -> Signed:
        """The object with one more signature, under `ed25519:key_name`."""
        signature = unpadded(self.private.sign(canonical(value)))
        signatures = {owner: dict(by_key) for owner, by_key in value.get("signatures", {}).items()}
        signatures.setdefault(user_id, {})[f"ed25519:{key_name}"] = signature
        return {**value, "signatures": signatures}


@dataclass(frozen=True)
class DeviceKeys:
    """The identity of one device and the one-time keys it gives out."""

    user_id: str
    device_id: str
    signer: Signer = field(default_factory=Signer)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def identity(self, **extra: object) -> Signed:
        curve = unpadded(self.signer.public.encode()[:32])
        keys = {f"curve25519:{self.device_id}": curve, f"ed25519:{self.device_id}": self.signer.public}
        bare = {"user_id": self.user_id, "device_id": self.device_id, "algorithms": ALGORITHMS, "keys": keys, **extra}
        return self.signer.sign(bare, self.user_id, self.device_id)

    def one_time_keys(self, count: int, **extra: object) -> dict[str, Signed]:
        """That many new keys, named in the order in which they were made."""
        return {f"signed_curve25519:{next(self.numbers):06}": self.signed_key(**extra) for _ in range(count)}

    def signed_key(self, **extra: object) -> Signed:
        bare = {"key": Signer().public, **extra}
        return self.signer.sign(bare, self.user_id, self.device_id)


@dataclass(frozen=True)
class CrossSigning:
    """The three keys of one person's identity."""

    user_id: str
    master: Signer = field(default_factory=Signer)
    self_signing: Signer = field(default_factory=Signer)
    user_signing: Signer = field(default_factory=Signer)

    def key(self, usage: str, signer: Signer) -> Signed:
        return {"user_id": self.user_id, "usage": [usage], "keys": {f"ed25519:{signer.public}": signer.public}}

    def master_key(self) -> Signed:
        return self.key("master", self.master)

    def subkey(self, usage: str, signer: Signer) -> Signed:
        return self.master.sign(self.key(usage, signer), self.user_id, self.master.public)

    def upload(self) -> Signed:
        return {
            "master_key": self.master_key(),
            "self_signing_key": self.subkey("self_signing", self.self_signing),
            "user_signing_key": self.subkey("user_signing", self.user_signing),
        }
