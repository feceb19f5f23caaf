"""Login and session: how a person becomes a device with a token, and stops being one."""

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.keys import CrossSigning
from tests.contract.people import Account, identifier


def password_login(account: Account, **wishes: object) -> dict[str, object]:
    base = {"type": "m.login.password", "identifier": identifier(account.user_id), "password": account.password}
    return {**base, **wishes}


async def test_a_password_is_one_way_to_sign_in(server: Homeserver) -> None:
    flows = (await server.call("getLoginFlows"))["flows"]
    assert "m.login.password" in [flow["type"] for flow in flows]


async def test_sign_in_makes_a_device(server: Homeserver, wang: Account) -> None:
    body = password_login(wang, initial_device_display_name="Ward phone")
    answer = await server.call("login", body=body)
    assert answer["user_id"] == wang.user_id
    assert answer["device_id"] != wang.device_id
    device = await wang.call("getDevice", deviceId=answer["device_id"])
    assert device["display_name"] == "Ward phone"


async def test_the_local_part_is_enough(server: Homeserver, wang: Account) -> None:
    localpart = wang.user_id[1:].partition(":")[0]
    answer = await server.call("login", body=password_login(wang, identifier=identifier(localpart)))
    assert answer["user_id"] == wang.user_id


async def test_a_named_device_comes_back_and_its_old_token_ends(server: Homeserver, wang: Account) -> None:
    again = await server.login(wang, device_id=wang.device_id)
    assert again.device_id == wang.device_id
    await again.call("getTokenOwner")
    await wang.call("getTokenOwner", expect=(401, "M_UNKNOWN_TOKEN"))


async def test_a_wrong_password_is_refused(server: Homeserver, wang: Account) -> None:
    await server.call("login", body=password_login(wang, password="wrong"), expect=(403, "M_FORBIDDEN"))


async def test_nobody_learns_who_exists(server: Homeserver, wang: Account) -> None:
    unknown = await server.call(
        "login", body=password_login(wang, identifier=identifier("nobody-here")), expect=(403, "M_FORBIDDEN")
    )
    wrong = await server.call("login", body=password_login(wang, password="wrong"), expect=(403, "M_FORBIDDEN"))
    assert unknown["error"] == wrong["error"]


async def test_an_unknown_kind_of_login_is_refused(server: Homeserver, wang: Account) -> None:
    await server.call("login", body=password_login(wang, type="m.login.magic"), expect=(400, "M_UNKNOWN"))


@pytest.mark.parametrize(("content", "errcode"), [(b"{", "M_NOT_JSON"), (b"[]", "M_BAD_JSON"), (b"", "M_NOT_JSON")])
async def test_broken_bodies_are_refused(server: Homeserver, content: bytes, errcode: str) -> None:
    await server.call("login", content=content, expect=(400, errcode))


async def test_a_device_may_not_be_called_like_a_cross_signing_key(server: Homeserver, wang: Account) -> None:
    keys = CrossSigning(wang.user_id)
    await wang.call("uploadCrossSigningKeys", body=keys.upload())
    await server.call("login", body=password_login(wang, device_id=keys.master.public), expect=(403, "M_FORBIDDEN"))


async def test_a_deactivated_person_cannot_sign_in(server: Homeserver, wang: Account) -> None:
    await wang.confirmed("deactivateAccount")
    answer = await server.call("login", body=password_login(wang), expect=403)
    assert answer.errcode in ("M_USER_DEACTIVATED", "M_FORBIDDEN")


async def test_the_token_says_whose_it_is(wang: Account) -> None:
    answer = await wang.call("getTokenOwner")
    assert (answer["user_id"], answer["device_id"]) == (wang.user_id, wang.device_id)
    assert answer.body.get("is_guest", False) is False


async def test_an_unknown_token_ends_the_session(server: Homeserver) -> None:
    answer = await server.call("getTokenOwner", token="never-given-out", expect=(401, "M_UNKNOWN_TOKEN"))
    assert not answer.body.get("soft_logout")


async def test_a_missing_token_is_another_error_than_an_unknown_one(server: Homeserver) -> None:
    await server.call("getTokenOwner", expect=(401, "M_MISSING_TOKEN"))


async def test_sign_out_ends_this_device_only(server: Homeserver, wang: Account) -> None:
    other = await server.login(wang)
    await wang.call("logout")
    await wang.call("getTokenOwner", expect=(401, "M_UNKNOWN_TOKEN"))
    devices = (await other.call("getDevices"))["devices"]
    assert [device["device_id"] for device in devices] == [other.device_id]


async def test_sign_out_everywhere(server: Homeserver, wang: Account) -> None:
    other = await server.login(wang)
    await other.call("logout_all")
    for device in (wang, other):
        await device.call("getTokenOwner", expect=(401, "M_UNKNOWN_TOKEN"))


async def test_sign_out_needs_a_token(server: Homeserver) -> None:
    await server.call("logout", expect=(401, "M_MISSING_TOKEN"))
    await server.call("logout_all", expect=(401, "M_MISSING_TOKEN"))


async def test_a_refresh_token_is_given_only_to_who_asks(server: Homeserver, wang: Account) -> None:
    assert "refresh_token" not in await server.call("login", body=password_login(wang))


async def test_a_session_is_refreshed(server: Homeserver, wang: Account) -> None:
    first = await server.call("login", body=password_login(wang, refresh_token=True))
    assert first["expires_in_ms"] > 0
    second = await server.call("refresh", body={"refresh_token": first["refresh_token"]})
    assert second["access_token"] != first["access_token"]
    owner = await server.call("getTokenOwner", token=second["access_token"])
    assert owner["device_id"] == first["device_id"]
    # Once the new token has been used, the old ones are of no use to anybody.
    await server.call("refresh", body={"refresh_token": first["refresh_token"]}, expect=(401, "M_UNKNOWN_TOKEN"))
    await server.call("getTokenOwner", token=first["access_token"], expect=(401, "M_UNKNOWN_TOKEN"))


async def test_a_lost_answer_does_not_end_the_session(server: Homeserver, wang: Account) -> None:
    first = await server.call("login", body=password_login(wang, refresh_token=True))
    await server.call("refresh", body={"refresh_token": first["refresh_token"]})
    # The old refresh token remains valid until the new access token or refresh token is used.
    again = await server.call("refresh", body={"refresh_token": first["refresh_token"]})
    await server.call("getTokenOwner", token=again["access_token"])


async def test_an_unknown_refresh_token_is_refused(server: Homeserver) -> None:
    await server.call("refresh", body={"refresh_token": "never-given-out"}, expect=(401, "M_UNKNOWN_TOKEN"))
