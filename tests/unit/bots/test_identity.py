"""A bot's cross-signing identity."""

from __future__ import annotations

from pathlib import Path

from myelin.bots.identity import Identity, inside, seeds_in, signed_devices
from myelin.matrix.json import JsonObject
from myelin.matrix.signing import verify_json

BOT = "@_lab:hospital.test"
DEVICE: JsonObject = {"user_id": BOT, "device_id": "DESK", "algorithms": [], "keys": {"ed25519:DESK": "key"}}


def keys_of(identity: Identity, device: JsonObject) -> JsonObject:
    """An answer to keys/query."""
    published = identity.published()
    return {
        "master_keys": {BOT: published["master_key"]},
        "self_signing_keys": {BOT: published["self_signing_key"]},
        "device_keys": {BOT: {"DESK": device}},
    }


def test_the_secrets_are_made_once_and_stay_private(tmp_path: Path) -> None:
    file = tmp_path / "seeds.json"
    seeds = seeds_in(file)
    assert seeds_in(file) == seeds
    assert file.stat().st_mode & 0o077 == 0
    assert len({seeds.master, seeds.self_signing, seeds.user_signing}) == 3


def test_the_master_key_signs_the_others(tmp_path: Path) -> None:
    published = Identity(BOT, seeds_in(tmp_path / "seeds.json")).published()
    master = {name: str(key) for name, key in inside(published["master_key"], "keys").items()}
    for usage in ("self_signing", "user_signing"):
        assert published[f"{usage}_key"]["usage"] == [usage]
        assert verify_json(published[f"{usage}_key"], BOT, master)


def test_a_device_is_the_owners_once_it_is_signed(tmp_path: Path) -> None:
    identity = Identity(BOT, seeds_in(tmp_path / "seeds.json"))
    stranger = Identity(BOT, seeds_in(tmp_path / "others.json"))
    assert signed_devices(BOT, keys_of(identity, DEVICE)) == []
    assert signed_devices(BOT, keys_of(identity, identity.sign_device(DEVICE))) == ["DESK"]
    assert signed_devices(BOT, keys_of(identity, stranger.sign_device(DEVICE))) == []
    assert identity.is_published(inside(keys_of(identity, DEVICE), "master_keys", BOT))
    assert not stranger.is_published(inside(keys_of(identity, DEVICE), "master_keys", BOT))


def test_an_answer_may_hold_anything() -> None:
    for keys in ({}, {"device_keys": 1}, {"device_keys": {BOT: {"DESK": "x"}}, "self_signing_keys": {BOT: None}}):
        assert signed_devices(BOT, keys) == []  # type: ignore[arg-type]
