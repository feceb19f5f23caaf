"""Which devices get keys: those that somebody's own identity has signed, and no others."""

from __future__ import annotations

from myelin.bots.identity import Identity, Seeds
from myelin.matrix.json import JsonObject
from myelin.matrix.signing import SigningKey
from myelin_gateway.matrix.trust import claims, only_devices

LI = "@1001:hospital.example"


def identity(seed: int) -> Identity:
    return Identity(LI, Seeds(*(bytes([seed + number]) * 32 for number in range(3))))


def device(name: str, by: Identity | None) -> JsonObject:
    keys: JsonObject = {"user_id": LI, "device_id": name, "algorithms": [], "keys": {f"ed25519:{name}": "key"}}
    own = SigningKey.from_seed(b"d" * 32, name).sign_json(keys, LI)
    return by.sign_device(own) if by else own


def answer(published: Identity, signing: Identity | None = None, **devices: Identity | None) -> JsonObject:
    own, other = published.published(), (signing or published).published()
    return {
        "master_keys": {LI: own["master_key"]},
        "self_signing_keys": {LI: other["self_signing_key"]},
        "device_keys": {LI: {name: device(name, by) for name, by in devices.items()}},
    }


def test_signed_devices_count_and_others_do_not() -> None:
    li, stranger = identity(1), identity(100)
    found = claims(LI, answer(li, PHONE=li, WARD=None, FORGED=stranger))
    assert found and found.device_ids == ("PHONE",)


def test_a_self_signing_key_that_the_master_key_did_not_sign_signs_nothing() -> None:
    li, stranger = identity(1), identity(100)
    assert claims(LI, answer(li, signing=stranger, PHONE=stranger)) is None


def test_who_has_no_identity_has_no_device() -> None:
    assert claims(LI, {"device_keys": {LI: {"PHONE": device("PHONE", None)}}}) is None


def test_a_master_key_under_another_name_is_none() -> None:
    li = identity(1)
    keys = answer(li, PHONE=li)
    master = li.published()["master_key"]
    renamed = {**master, "keys": {"ed25519:other": next(iter(dict(master["keys"]).values()))}}  # type: ignore[arg-type]
    assert claims(LI, {**keys, "master_keys": {LI: renamed}}) is None


def test_the_olm_machine_is_shown_nothing_else() -> None:
    li = identity(1)
    keys = answer(li, PHONE=li, WARD=None)
    shown = only_devices(LI, keys, ("PHONE",))
    assert shown["device_keys"] == {LI: {"PHONE": keys["device_keys"][LI]["PHONE"]}}  # type: ignore[index,call-overload]
