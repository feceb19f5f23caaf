from myelin.matrix.identifiers import decode_base64
from myelin.matrix.json import JsonObject, JsonValue
from myelin.matrix.server_keys import OldKey, server_keys
from myelin.matrix.signing import SigningKey, verify, verify_json
from myelin.matrix.third_party_invites import ThirdPartyInvite

# Appendices, "Cryptographic Test Vectors".
KEY = SigningKey.from_seed(decode_base64("YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1"), "1")
PUBLIC_KEYS = {"ed25519:1": KEY.public_key}
OTHER = SigningKey.from_seed(b"another key of thirty-two bytes.", "2")

EMPTY = "K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ"
BROKEN: list[JsonValue] = [None, 1, {}, {"domain": []}, {"domain": {"ed25519:1": 1}}]
VALUE: JsonObject = {"one": 1, "two": "Two", "unsigned": {"age": 3}}
ONE_TWO = "KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw"


def test_vectors() -> None:
    assert KEY.sign_json({}, "domain") == {"signatures": {"domain": {"ed25519:1": EMPTY}}}
    signed = KEY.sign_json({"one": 1, "two": "Two"}, "domain")
    assert signed == {"one": 1, "two": "Two", "signatures": {"domain": {"ed25519:1": ONE_TWO}}}
    assert verify_json(signed, "domain", PUBLIC_KEYS)


def test_unsigned_and_other_signatures_stay_and_are_not_covered() -> None:
    signed = OTHER.sign_json(KEY.sign_json(VALUE, "domain"), "domain")
    assert signed["unsigned"] == {"age": 3}
    signed["unsigned"] = {"age": 4}
    assert verify_json(signed, "domain", PUBLIC_KEYS)
    assert verify_json(signed, "domain", {OTHER.key_id: OTHER.public_key})
    assert verify_json(signed, "domain", {OTHER.key_id: OTHER.public_key, **PUBLIC_KEYS})


def test_what_was_not_signed_is_not_verified() -> None:
    signed = KEY.sign_json({"one": 1}, "domain")
    assert not verify_json({**signed, "one": 2}, "domain", PUBLIC_KEYS)
    assert not verify_json(signed, "elsewhere", PUBLIC_KEYS)
    assert not verify_json(signed, "domain", {})
    assert not verify_json(signed, "domain", {"ed25519:1": OTHER.public_key})
    for signatures in BROKEN:
        assert not verify_json({"one": 1, "signatures": signatures}, "domain", PUBLIC_KEYS)


def test_one_false_signature_spoils_the_true_one() -> None:
    signed = KEY.sign_json({"one": 1}, "domain")
    signatures: JsonObject = {"ed25519:1": KEY.sign(b'{"one":1}'), "ed25519:2": EMPTY}
    signed["signatures"] = {"domain": signatures}
    assert not verify_json(signed, "domain", {"ed25519:2": OTHER.public_key, **PUBLIC_KEYS})
    assert verify_json(signed, "domain", PUBLIC_KEYS)


def test_malformed_keys_and_signatures_verify_nothing() -> None:
    assert verify(b"message", KEY.sign(b"message"), KEY.public_key)
    assert not verify(b"message", KEY.sign(b"message")[:-2], KEY.public_key)
    assert not verify(b"message", "not base64!", KEY.public_key)
    assert not verify(b"message", KEY.sign(b"message"), "AAAA")


def test_published_keys_are_signed_by_the_current_one() -> None:
    published = server_keys("domain", KEY, 1_700_000_000_000, {"ed25519:2": OldKey(OTHER.public_key, 5)})
    assert published["verify_keys"] == {"ed25519:1": {"key": KEY.public_key}}
    assert published["old_verify_keys"] == {"ed25519:2": {"key": OTHER.public_key, "expired_ts": 5}}
    assert published["valid_until_ts"] == 1_700_000_000_000 and published["server_name"] == "domain"
    assert verify_json(published, "domain", PUBLIC_KEYS)
    assert server_keys("domain", KEY, 1)["old_verify_keys"] == {}


def test_a_third_party_invite_is_signed_by_any_of_its_keys() -> None:
    signed = OTHER.sign_json({"mxid": "@li:domain", "token": "t"}, "identity.example")
    both: JsonObject = {"public_key": KEY.public_key, "public_keys": [{"public_key": OTHER.public_key}, {}, 1]}
    assert ThirdPartyInvite.parse("@wang:domain", both) == ThirdPartyInvite(
        "@wang:domain", (KEY.public_key, OTHER.public_key)
    )
    assert ThirdPartyInvite.parse("@wang:domain", both).signed(signed)
    assert not ThirdPartyInvite.parse("@wang:domain", {"public_key": KEY.public_key}).signed(signed)
    assert not ThirdPartyInvite.parse("@wang:domain", {"public_keys": "none"}).signed(signed)
    assert not ThirdPartyInvite.parse("@wang:domain", both).signed({**signed, "mxid": "@chen:domain"})
