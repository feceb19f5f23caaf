"""Cross-signing: a person's identity over their devices, and the signatures that carry trust."""

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.keys import CrossSigning, DeviceKeys, Signed
from tests.contract.people import Account

UNSTABLE = "/_matrix/client/unstable/keys/device_signing/upload"


@pytest.fixture
def identity(wang: Account) -> CrossSigning:
    return CrossSigning(wang.user_id)


async def query(account: Account, of: Account) -> dict[str, Signed]:
    body: dict[str, Signed] = (await account.call("queryKeys", body={"device_keys": {of.user_id: []}})).body
    return body


async def sign(account: Account, of: str, name: str, value: Signed) -> dict[str, Signed]:
    """The failures of uploading one signed object."""
    answer = await account.call("uploadCrossSigningSignatures", body={of: {name: value}})
    failures: dict[str, Signed] = answer.body.get("failures", {})
    return failures


async def test_the_first_identity_needs_no_password(wang: Account, li: Account, identity: CrossSigning) -> None:
    await wang.call("uploadCrossSigningKeys", body=identity.upload())
    found = await query(li, wang)
    assert found["master_keys"][wang.user_id]["keys"] == identity.master_key()["keys"]
    assert identity.self_signing.public in str(found["self_signing_keys"][wang.user_id])
    # Nobody else learns whom a person has verified.
    assert wang.user_id not in found.get("user_signing_keys", {})
    assert identity.user_signing.public in str((await query(wang, wang))["user_signing_keys"][wang.user_id])


async def test_the_same_identity_again_needs_no_password(wang: Account, identity: CrossSigning) -> None:
    for _ in range(2):
        await wang.call("uploadCrossSigningKeys", body=identity.upload())


async def test_another_identity_needs_the_password(wang: Account, li: Account, identity: CrossSigning) -> None:
    await wang.call("uploadCrossSigningKeys", body=identity.upload())
    other = CrossSigning(wang.user_id)
    await wang.call("uploadCrossSigningKeys", body=other.upload(), expect=401)
    assert identity.master.public in str((await query(li, wang))["master_keys"])
    await wang.confirmed("uploadCrossSigningKeys", body=other.upload())
    found = await query(li, wang)
    assert found["master_keys"][wang.user_id]["keys"] == other.master_key()["keys"]


async def test_a_foreign_signature_is_refused(wang: Account, identity: CrossSigning) -> None:
    forged = {**identity.upload(), "self_signing_key": CrossSigning(wang.user_id).upload()["self_signing_key"]}
    await wang.call("uploadCrossSigningKeys", body=forged, expect=(400, "M_INVALID_SIGNATURE"))


async def test_without_a_master_key_nothing_is_signed(wang: Account, identity: CrossSigning) -> None:
    body = {"self_signing_key": identity.upload()["self_signing_key"]}
    await wang.call("uploadCrossSigningKeys", body=body, expect=(400, "M_MISSING_PARAM"))


async def test_a_key_may_not_be_called_like_a_device(server: Homeserver, wang: Account, identity: CrossSigning) -> None:
    await server.login(wang, device_id=identity.master.public)
    await wang.call("uploadCrossSigningKeys", body=identity.upload(), expect=(403, "M_FORBIDDEN"))


async def test_older_clients_use_the_older_path(wang: Account, identity: CrossSigning) -> None:
    answer = await wang.contract.http.post(
        UNSTABLE, json=identity.upload(), headers={"Authorization": f"Bearer {wang.access_token}"}
    )
    assert answer.status_code == 200
    assert wang.user_id in (await query(wang, wang))["master_keys"]


async def test_members_learn_of_a_new_identity(wang: Account, li: Account, identity: CrossSigning) -> None:
    await wang.create_room(li)
    since = await li.position()
    await wang.call("uploadCrossSigningKeys", body=identity.upload())
    assert wang.user_id in (await li.sync(since, timeout_ms=5_000))["device_lists"]["changed"]


async def test_a_device_is_signed_by_its_owner(wang: Account, li: Account, identity: CrossSigning) -> None:
    keys = DeviceKeys(wang.user_id, wang.device_id)
    await wang.call("uploadKeys", body={"device_keys": keys.identity()})
    await wang.call("uploadCrossSigningKeys", body=identity.upload())
    signed = identity.self_signing.sign(keys.identity(), wang.user_id, identity.self_signing.public)
    assert await sign(wang, wang.user_id, wang.device_id, signed) == {}
    seen = (await query(li, wang))["device_keys"][wang.user_id][wang.device_id]
    assert f"ed25519:{identity.self_signing.public}" in seen["signatures"][wang.user_id]
    assert f"ed25519:{wang.device_id}" in seen["signatures"][wang.user_id]


async def test_the_master_key_is_signed_by_a_device(wang: Account, identity: CrossSigning) -> None:
    keys = DeviceKeys(wang.user_id, wang.device_id)
    await wang.call("uploadKeys", body={"device_keys": keys.identity()})
    await wang.call("uploadCrossSigningKeys", body=identity.upload())
    signed = keys.signer.sign(identity.master_key(), wang.user_id, wang.device_id)
    assert await sign(wang, wang.user_id, identity.master.public, signed) == {}
    master = (await query(wang, wang))["master_keys"][wang.user_id]
    assert f"ed25519:{wang.device_id}" in master["signatures"][wang.user_id]


async def test_whom_one_has_verified_is_seen_by_oneself_only(wang: Account, li: Account) -> None:
    mine, theirs = CrossSigning(wang.user_id), CrossSigning(li.user_id)
    await wang.call("uploadCrossSigningKeys", body=mine.upload())
    await li.call("uploadCrossSigningKeys", body=theirs.upload())
    signed = mine.user_signing.sign(theirs.master_key(), wang.user_id, mine.user_signing.public)
    assert await sign(wang, li.user_id, theirs.master.public, signed) == {}
    seen_by_me = (await query(wang, li))["master_keys"][li.user_id]
    seen_by_them = (await query(li, li))["master_keys"][li.user_id]
    assert wang.user_id in seen_by_me["signatures"]
    assert wang.user_id not in seen_by_them.get("signatures", {})


async def test_a_bad_signature_fails_alone(wang: Account, identity: CrossSigning) -> None:
    keys = DeviceKeys(wang.user_id, wang.device_id)
    await wang.call("uploadKeys", body={"device_keys": keys.identity()})
    await wang.call("uploadCrossSigningKeys", body=identity.upload())
    forged = CrossSigning(wang.user_id).self_signing.sign(keys.identity(), wang.user_id, identity.self_signing.public)
    failures = await sign(wang, wang.user_id, wang.device_id, forged)
    assert failures[wang.user_id][wang.device_id]["errcode"] == "M_INVALID_SIGNATURE"


async def test_unknown_signatures_stay_on_the_keys(wang: Account, li: Account, identity: CrossSigning) -> None:
    body = identity.upload()
    foreign = {"@_ca:example.org": {"ed25519:ca": "c2lnbmVkIGJ5IHRoZSBob3NwaXRhbA"}}
    body["master_key"] = {**body["master_key"], "signatures": foreign}
    await wang.call("uploadCrossSigningKeys", body=body)
    assert (await query(wang, wang))["master_keys"][wang.user_id]["signatures"]["@_ca:example.org"]


async def test_a_certificate_is_kept_beside_the_signatures(wang: Account, li: Account, identity: CrossSigning) -> None:
    # X.509: several kB under the owner's own name, of an algorithm that the server does not know.
    certificate = "-----BEGIN CMS-----\n" + "A" * 6_000 + "\n-----END CMS-----\n"
    entry = {"io.element.x509:1F2E3D": certificate}
    body = identity.upload()
    body["master_key"] = {**body["master_key"], "signatures": {wang.user_id: entry}}
    await wang.call("uploadCrossSigningKeys", body=body)
    assert (await query(li, wang))["master_keys"][wang.user_id]["signatures"][wang.user_id] == entry

    # Signed by a device as well, later; and a second certificate comes with it.
    keys = DeviceKeys(wang.user_id, wang.device_id)
    await wang.call("uploadKeys", body={"device_keys": keys.identity()})
    signed = keys.signer.sign(identity.master_key(), wang.user_id, wang.device_id)
    signed["signatures"][wang.user_id]["io.element.x509:AA"] = certificate
    assert await sign(wang, wang.user_id, identity.master.public, signed) == {}
    seen = (await query(li, wang))["master_keys"][wang.user_id]["signatures"][wang.user_id]
    assert set(seen) == {*entry, "io.element.x509:AA", f"ed25519:{wang.device_id}"}


async def test_a_renewed_certificate_needs_no_password(wang: Account, li: Account, identity: CrossSigning) -> None:
    body = identity.upload()
    await wang.call("uploadCrossSigningKeys", body=body)
    entry = {"io.element.x509:1F2E3D": "-----BEGIN CMS-----"}
    body["master_key"] = {**body["master_key"], "signatures": {wang.user_id: entry}}
    await wang.call("uploadCrossSigningKeys", body=body)
    assert (await query(li, wang))["master_keys"][wang.user_id]["signatures"][wang.user_id] == entry


async def test_what_the_old_identity_signed_goes_with_it(wang: Account, identity: CrossSigning) -> None:
    await wang.call("uploadCrossSigningKeys", body=identity.upload())
    other = CrossSigning(wang.user_id).upload()
    await wang.confirmed("uploadCrossSigningKeys", body={"master_key": other["master_key"]})
    found = await query(wang, wang)
    assert found["master_keys"][wang.user_id]["keys"] == other["master_key"]["keys"]
    assert found["self_signing_keys"] == found["user_signing_keys"] == {}


async def test_who_is_verified_is_news_for_oneself_only(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    mine, theirs = CrossSigning(wang.user_id), CrossSigning(li.user_id)
    await wang.call("uploadCrossSigningKeys", body=mine.upload())
    await li.call("uploadCrossSigningKeys", body=theirs.upload())
    my_position, their_position = await wang.position(), await li.position()
    signed = mine.user_signing.sign(theirs.master_key(), wang.user_id, mine.user_signing.public)
    assert await sign(wang, li.user_id, theirs.master.public, signed) == {}
    # My other devices learn of it; the one who was verified, and everybody else, does not.
    assert (await wang.sync(my_position, timeout_ms=5_000))["device_lists"]["changed"] == [li.user_id]
    await wang.say(room, "rounds at eight")
    assert "device_lists" not in await li.sync(their_position)


async def test_a_key_that_is_not_there_cannot_be_signed(wang: Account, li: Account, identity: CrossSigning) -> None:
    await wang.call("uploadCrossSigningKeys", body=identity.upload())
    unknown = identity.self_signing.sign(DeviceKeys(wang.user_id, "GONE").identity(), wang.user_id, "x")
    failures = await sign(wang, wang.user_id, "GONE", unknown)
    assert failures[wang.user_id]["GONE"]["errcode"] == "M_NOT_FOUND"
    # Somebody else's device is theirs to sign.
    keys = DeviceKeys(li.user_id, li.device_id)
    await li.call("uploadKeys", body={"device_keys": keys.identity()})
    foreign = identity.user_signing.sign(keys.identity(), wang.user_id, identity.user_signing.public)
    assert await sign(wang, li.user_id, li.device_id, foreign) != {}


async def test_another_key_under_the_name_of_a_stored_one_is_refused(wang: Account, identity: CrossSigning) -> None:
    keys = DeviceKeys(wang.user_id, wang.device_id)
    await wang.call("uploadKeys", body={"device_keys": keys.identity()})
    await wang.call("uploadCrossSigningKeys", body=identity.upload())
    other = DeviceKeys(wang.user_id, wang.device_id).identity()
    signed = identity.self_signing.sign(other, wang.user_id, identity.self_signing.public)
    failures = await sign(wang, wang.user_id, wang.device_id, signed)
    assert failures[wang.user_id][wang.device_id]["errcode"] == "M_INVALID_SIGNATURE"


async def test_a_closed_account_has_no_identity(wang: Account, li: Account, identity: CrossSigning) -> None:
    await wang.call("uploadKeys", body={"device_keys": DeviceKeys(wang.user_id, wang.device_id).identity()})
    await wang.call("uploadCrossSigningKeys", body=identity.upload())
    await wang.confirmed("deactivateAccount", body={})
    found = await query(li, wang)
    assert found["master_keys"] == found["self_signing_keys"] == {}
    # Whoever is left out of an answer is asked for again, for ever: that there are no devices is said.
    assert found["device_keys"] == {wang.user_id: {}}


async def test_identities_need_a_token(server: Homeserver) -> None:
    for operation in ("uploadCrossSigningKeys", "uploadCrossSigningSignatures"):
        await server.call(operation, body={}, expect=(401, "M_MISSING_TOKEN"))
