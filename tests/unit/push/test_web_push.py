"""A browser, played by a library of others, reads what was encrypted for it; nobody else can."""

import base64
import json
import os

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from myelin.push.destinations import Subscription
from myelin.push.web_push import PLAIN_LIMIT_BYTES, NotEncryptable, Vapid, encrypted

ORIGIN = "https://push.example"


def a_browser() -> tuple[ec.EllipticCurvePrivateKey, Subscription]:
    key = ec.generate_private_key(ec.SECP256R1())
    return key, subscription(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def subscription(p256dh: bytes) -> Subscription:
    return Subscription(ORIGIN, f"{ORIGIN}/send/1", p256dh, os.urandom(16), True, False)


@given(st.binary(max_size=PLAIN_LIMIT_BYTES))
def test_the_browser_reads_what_was_encrypted_for_it(plain: bytes) -> None:
    key, place = a_browser()
    sealed = encrypted(plain, place, os.urandom)
    assert len(sealed) <= 4096
    assert http_ece.decrypt(sealed, private_key=key, auth_secret=place.auth, version="aes128gcm") == plain


def test_nobody_else_reads_it() -> None:
    _, place = a_browser()
    other, _ = a_browser()
    sealed = encrypted(b"nothing of the content", place, os.urandom)
    with pytest.raises(Exception, match=r"."):
        http_ece.decrypt(sealed, private_key=other, auth_secret=place.auth, version="aes128gcm")


def test_the_example_of_the_standard_comes_out() -> None:
    # RFC 8291, section 5.
    receiver = decoded("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
    place = Subscription(ORIGIN, ORIGIN, receiver, decoded("BTBZMqHH6r4Tts7J_aSIgg"), True, False)
    sender = decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
    # What is random becomes a key in a way of our own: the number below it, so that the example's key comes out.
    chance = {32: (int.from_bytes(sender, "big") - 1).to_bytes(32, "big"), 16: decoded("DGv6ra1nlYgDCS1FRnbzlw")}
    sealed = encrypted(b"When I grow up, I want to be a watermelon", place, chance.__getitem__)
    assert sealed == decoded(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@pytest.mark.parametrize("point", [bytes(65), b"\x04" + bytes(64), b"\x04" + b"\xff" * 64, b"\x02" + bytes(64)])
def test_what_is_no_key_is_refused(point: bytes) -> None:
    with pytest.raises(NotEncryptable):
        encrypted(b"", subscription(point), os.urandom)


def test_a_message_that_is_too_long_is_refused() -> None:
    with pytest.raises(NotEncryptable):
        encrypted(bytes(PLAIN_LIMIT_BYTES + 1), a_browser()[1], os.urandom)


def test_the_push_service_can_check_who_we_are() -> None:
    vapid = Vapid(bytes(range(32)), "mailto:postmaster@hospital.example")
    header = vapid.authorization(ORIGIN, 1_000_000)
    scheme, _, parts = header.partition(" ")
    fields = dict(part.strip().split("=", 1) for part in parts.split(","))
    assert (scheme, fields["k"]) == ("vapid", vapid.public_key)
    head, claims, signature = fields["t"].split(".")
    assert json.loads(decoded(head)) == {"typ": "JWT", "alg": "ES256"}
    claimed = json.loads(decoded(claims))
    assert (claimed["aud"], claimed["sub"]) == (ORIGIN, "mailto:postmaster@hospital.example")
    assert 1_000_000 < claimed["exp"] <= 1_000_000 + 24 * 60 * 60
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(fields["k"]))
    raw = decoded(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))


def test_a_token_serves_for_hours_and_one_service_only() -> None:
    vapid = Vapid(bytes(32), "mailto:postmaster@hospital.example")
    assert vapid.authorization(ORIGIN, 0) == vapid.authorization(ORIGIN, 3600)
    assert vapid.authorization(ORIGIN, 0) != vapid.authorization(ORIGIN, 11 * 3600)
    assert vapid.authorization(ORIGIN, 0) != vapid.authorization("https://other.example", 0)


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
