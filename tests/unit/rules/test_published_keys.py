"""Which keys may be published, and which signatures are kept, apart from any server."""

from __future__ import annotations

import pytest

from myelin.matrix.errors import BadJson, Forbidden, InvalidParam, InvalidSignature, MatrixError, MissingParam
from myelin.matrix.json import JsonObject
from myelin.rules.published_keys import (
    accepted_signatures,
    brings_new_keys,
    check_cross_signing,
    check_device_keys,
    check_replacement,
    cross_signing_after,
    signatures_of,
    with_signatures,
)
from tests.contract.keys import CrossSigning, DeviceKeys

WANG = "@wang:hospital.test"
TABLET = DeviceKeys(WANG, "TABLET")
IDENTITY = CrossSigning(WANG)
UPLOAD = IDENTITY.upload()
KEYS: dict[str, JsonObject] = {
    "master": UPLOAD["master_key"],
    "self_signing": UPLOAD["self_signing_key"],
    "user_signing": UPLOAD["user_signing_key"],
}


def test_a_device_publishes_its_own_signed_keys() -> None:
    check_device_keys(TABLET.identity(), WANG, "TABLET")


def without(value: JsonObject, name: str) -> JsonObject:
    return {key: item for key, item in value.items() if key != name}


BROKEN: list[tuple[JsonObject, type[MatrixError]]] = [
    (DeviceKeys("@li:hospital.test", "TABLET").identity(), InvalidParam),
    (DeviceKeys(WANG, "PHONE").identity(), InvalidParam),
    ({**TABLET.identity(), "keys": {"ed25519:PHONE": "x"}}, InvalidParam),
    ({**TABLET.identity(), "algorithms": ["m.other"]}, InvalidSignature),
    ({**TABLET.identity(), "signatures": {}}, InvalidSignature),
    ({**TABLET.identity(), "signatures": {WANG: {"ed25519:TABLET": "not Base64"}}}, InvalidSignature),
    ({**TABLET.identity(), "keys": {"ed25519:TABLET": 7}}, BadJson),
    *((without(TABLET.identity(), name), BadJson) for name in ("user_id", "algorithms", "keys", "signatures")),
]


@pytest.mark.parametrize(("value", "refusal"), BROKEN)
def test_other_device_keys_are_refused(value: JsonObject, refusal: type[MatrixError]) -> None:
    with pytest.raises(refusal):
        check_device_keys(value, WANG, "TABLET")


def test_a_device_keeps_its_identity_keys() -> None:
    check_replacement(TABLET.identity(extra=1), TABLET.identity())
    with pytest.raises(InvalidParam):
        check_replacement(DeviceKeys(WANG, "TABLET").identity(), TABLET.identity())


def test_an_identity_hangs_together() -> None:
    check_cross_signing(KEYS, {}, WANG, ["TABLET"])
    check_cross_signing({"self_signing": KEYS["self_signing"]}, {"master": KEYS["master"]}, WANG, [])


LOOSE: list[tuple[dict[str, JsonObject], type[MatrixError]]] = [
    ({}, MissingParam),
    ({"self_signing": KEYS["self_signing"]}, MissingParam),
    ({**KEYS, "master": CrossSigning(WANG).master_key()}, InvalidSignature),
    ({**KEYS, "self_signing": without(KEYS["self_signing"], "signatures")}, InvalidSignature),
    ({**KEYS, "master": KEYS["self_signing"]}, InvalidParam),
    ({"master": CrossSigning("@li:hospital.test").master_key()}, InvalidParam),
    ({"master": {**KEYS["master"], "keys": {"ed25519:a": "b"}}}, InvalidParam),
    ({"master": {**KEYS["master"], "keys": {}}}, InvalidParam),
    ({"master": {**KEYS["master"], "usage": "master"}}, BadJson),
]


@pytest.mark.parametrize(("given", "refusal"), LOOSE)
def test_an_identity_that_does_not_hang_together_is_refused(
    given: dict[str, JsonObject], refusal: type[MatrixError]
) -> None:
    with pytest.raises(refusal):
        check_cross_signing(given, {}, WANG, [])


def test_a_key_and_a_device_have_different_names() -> None:
    with pytest.raises(Forbidden):
        check_cross_signing(KEYS, {}, WANG, [IDENTITY.self_signing.public])


def test_signatures_alone_make_no_new_key() -> None:
    signed = with_signatures(KEYS["master"], {WANG: {"x509:1": "certificate"}})
    assert not brings_new_keys({"master": signed}, KEYS)
    assert brings_new_keys({"master": CrossSigning(WANG).master_key()}, KEYS)
    assert brings_new_keys({"user_signing": KEYS["user_signing"]}, {"master": KEYS["master"]})


def test_the_same_key_keeps_its_signatures_and_another_begins_anew() -> None:
    stored = {**KEYS, "master": with_signatures(KEYS["master"], {WANG: {"ed25519:TABLET": "old"}})}
    again = with_signatures(KEYS["master"], {WANG: {"x509:1": "certificate"}})
    after = cross_signing_after({"master": again}, stored)
    assert signatures_of(after["master"]) == {WANG: {"ed25519:TABLET": "old", "x509:1": "certificate"}}
    assert after["self_signing"] == KEYS["self_signing"]
    other = CrossSigning(WANG).master_key()
    assert cross_signing_after({"master": other}, stored) == {"master": other}


KNOWN = {f"ed25519:{IDENTITY.self_signing.public}": IDENTITY.self_signing.public}


def signed_by_owner() -> JsonObject:
    return IDENTITY.self_signing.sign(TABLET.identity(), WANG, IDENTITY.self_signing.public)


def test_a_signature_that_holds_is_accepted_and_unknown_ones_are_kept() -> None:
    accepted = accepted_signatures(signed_by_owner(), TABLET.identity(), WANG, KNOWN)
    assert list(accepted) == list(KNOWN)
    more = with_signatures(signed_by_owner(), {WANG: {"x509:1": "certificate", "ed25519:OLD": "from before"}})
    assert set(accepted_signatures(more, TABLET.identity(), WANG, KNOWN)) == {*KNOWN, "x509:1"}


def test_a_signature_that_does_not_hold_is_refused() -> None:
    false = with_signatures(TABLET.identity(), {WANG: dict.fromkeys(KNOWN, "AAAA")})
    others = DeviceKeys(WANG, "TABLET").identity()
    for signed, stored in (
        (false, TABLET.identity()),
        (TABLET.identity(), TABLET.identity()),
        (signed_by_owner(), others),
    ):
        with pytest.raises(InvalidSignature):
            accepted_signatures(signed, stored, WANG, KNOWN)
