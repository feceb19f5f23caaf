"""Web Push: a message that only the browser can read (RFC 8291), from a server that says who it is (RFC 8292)."""

from __future__ import annotations

import base64
from collections.abc import Callable

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from myelin.push.destinations import Subscription

CURVE = ec.SECP256R1()
# The order of the curve's group.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SALT_BYTES = 16
RECORD_BYTES = 4096
# What push services take at least (RFC 8030, section 7.2), less what encryption adds.
PLAIN_LIMIT_BYTES = RECORD_BYTES - 86 - 17
TOKEN_AGE_S = 12 * 60 * 60


class NotEncryptable(Exception):
    """The subscription's key is no point of the curve, or the message is too long."""


def encrypted(plain: bytes, subscription: Subscription, random: Callable[[int], bytes]) -> bytes:
    """Return a message encrypted for one subscription: RFC 8188 `aes128gcm` in a single record."""
    if len(plain) > PLAIN_LIMIT_BYTES:
        raise NotEncryptable
    try:
        receiver = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, subscription.p256dh)
    except (ValueError, UnsupportedAlgorithm):
        raise NotEncryptable from None
    sender, salt = private_key(random(32)), random(SALT_BYTES)
    sender_point = point(sender)
    info = b"WebPush: info\x00" + subscription.p256dh + sender_point
    shared = derived(sender.exchange(ec.ECDH(), receiver), subscription.auth, info, 32)
    key = derived(shared, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = derived(shared, salt, b"Content-Encoding: nonce\x00", 12)
    # The last record ends with a delimiter of 2.
    record = AESGCM(key).encrypt(nonce, plain + b"\x02", None)
    return salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(sender_point)]) + sender_point + record


class Vapid:
    """The server's identity towards push services: a key, and whom to talk to when something is wrong."""

    def __init__(self, seed: bytes, contact: str) -> None:
        self._key = private_key(seed)
        self._contact = contact
        self._tokens: dict[str, tuple[int, str]] = {}

    @property
    def public_key(self) -> str:
        """What a browser is given as `applicationServerKey`."""
        return unpadded(point(self._key))

    def authorization(self, origin: str, now_s: int) -> str:
        """Return the `Authorization` header for a push service."""
        made_at, token = self._tokens.get(origin, (0, ""))
        # Push services refuse what is valid for more than a day.
        if not token or now_s - made_at > TOKEN_AGE_S // 2:
            token = self._token(origin, now_s + TOKEN_AGE_S)
            if len(self._tokens) > 1000:
                self._tokens.clear()
            self._tokens[origin] = now_s, token
        return f"vapid t={token}, k={self.public_key}"

    def _token(self, origin: str, expires_s: int) -> str:
        claims = {"aud": origin, "exp": expires_s, "sub": self._contact}
        signed = f"{unpadded(orjson.dumps({'typ': 'JWT', 'alg': 'ES256'}))}.{unpadded(orjson.dumps(claims))}"
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(SHA256())))
        return f"{signed}.{unpadded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def is_encryptable(subscription: Subscription) -> bool:
    """Whether the key of a subscription is one."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, subscription.p256dh)
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True


def private_key(seed: bytes) -> ec.EllipticCurvePrivateKey:
    """Return the key that 32 random bytes stand for."""
    return ec.derive_private_key(int.from_bytes(seed, "big") % (ORDER - 1) + 1, CURVE)


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def derived(secret: bytes, salt: bytes, info: bytes, size_bytes: int) -> bytes:
    return HKDF(SHA256(), size_bytes, salt, info).derive(secret)


def unpadded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
