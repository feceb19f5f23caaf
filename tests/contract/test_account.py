"""Accounts: registration, passwords, deactivation, and the user-interactive authentication before them."""

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.people import Account, identifier


async def test_registration_is_a_dummy_stage_after_a_challenge(server: Homeserver) -> None:
    body = {"username": server.username("王护士"), "password": "a good password"}
    challenge = await server.call("register", body=body, expect=401)
    assert ["m.login.dummy"] in [flow["stages"] for flow in challenge["flows"]]
    auth = {"type": "m.login.dummy", "session": challenge["session"]}
    answer = await server.call("register", body={**body, "auth": auth})
    assert answer["user_id"].startswith(f"@{body['username']}:")
    assert (await server.call("getTokenOwner", token=answer["access_token"]))["user_id"] == answer["user_id"]


async def test_registration_without_sign_in(server: Homeserver) -> None:
    body = {"username": server.username("王护士"), "password": "a good password", "inhibit_login": True}
    session = (await server.call("register", body=body, expect=401))["session"]
    auth = {"type": "m.login.dummy", "session": session}
    assert "access_token" not in await server.call("register", body={**body, "auth": auth})


async def test_a_taken_name_is_refused(server: Homeserver, wang: Account) -> None:
    name = wang.user_id[1:].partition(":")[0]
    await server.call("register", body={"username": name, "password": "p"}, expect=(400, "M_USER_IN_USE"))
    await server.call("checkUsernameAvailability", query={"username": name}, expect=(400, "M_USER_IN_USE"))


@pytest.mark.parametrize("name", ["two words", "王护士", "semi;colon"])
async def test_an_impossible_name_is_refused(server: Homeserver, name: str) -> None:
    await server.call("register", body={"username": name, "password": "p"}, expect=(400, "M_INVALID_USERNAME"))
    await server.call("checkUsernameAvailability", query={"username": name}, expect=(400, "M_INVALID_USERNAME"))


async def test_the_servers_own_name_is_nobodys(server: Homeserver) -> None:
    answer = await server.call("register", body={"username": "_myelin", "password": "p"}, expect=400)
    assert answer.errcode in ("M_EXCLUSIVE", "M_USER_IN_USE", "M_INVALID_USERNAME")


async def test_a_free_name_is_free(server: Homeserver) -> None:
    answer = await server.call("checkUsernameAvailability", query={"username": server.username("李医生")})
    assert answer["available"] is True


async def test_guests_are_not_admitted(server: Homeserver) -> None:
    await server.call("register", query={"kind": "guest"}, body={}, expect=(403, "M_FORBIDDEN"))


async def test_a_new_password_replaces_the_old(server: Homeserver, wang: Account) -> None:
    await wang.confirmed("changePassword", body={"new_password": "a newer password"})
    old = {"type": "m.login.password", "identifier": identifier(wang.user_id), "password": wang.password}
    await server.call("login", body=old, expect=(403, "M_FORBIDDEN"))
    await server.call("login", body={**old, "password": "a newer password"})


async def test_a_new_password_ends_the_other_sessions(server: Homeserver, wang: Account) -> None:
    other = await server.login(wang)
    await wang.confirmed("changePassword", body={"new_password": "a newer password"})
    await other.call("getTokenOwner", expect=(401, "M_UNKNOWN_TOKEN"))
    await wang.call("getTokenOwner")


async def test_a_new_password_may_leave_the_other_sessions(server: Homeserver, wang: Account) -> None:
    other = await server.login(wang)
    await wang.confirmed("changePassword", body={"new_password": "a newer password", "logout_devices": False})
    await other.call("getTokenOwner")


async def test_the_old_password_must_be_right(wang: Account) -> None:
    body = {"new_password": "a newer password"}
    challenge = await wang.call("changePassword", body=body, expect=401)
    assert ["m.login.password"] in [flow["stages"] for flow in challenge["flows"]]
    auth = {"type": "m.login.password", "identifier": identifier(wang.user_id), "session": challenge["session"]}
    failed = await wang.call("changePassword", body={**body, "auth": {**auth, "password": "wrong"}}, expect=401)
    # A failed stage may be tried again in the same session.
    assert (failed.errcode, failed["session"]) == ("M_FORBIDDEN", challenge["session"])
    await wang.call("changePassword", body={**body, "auth": {**auth, "password": wang.password}})


async def test_nobody_confirms_for_somebody_else(wang: Account, li: Account) -> None:
    body = {"new_password": "a newer password"}
    session = (await wang.call("changePassword", body=body, expect=401))["session"]
    auth = {"type": "m.login.password", "identifier": identifier(li.user_id), "password": li.password}
    answer = await wang.contract.http.post(
        "/_matrix/client/v3/account/password",
        json={**body, "auth": {**auth, "session": session}},
        headers={"Authorization": f"Bearer {wang.access_token}"},
    )
    assert answer.status_code in (401, 403)


async def test_deactivation_ends_everything(server: Homeserver, wang: Account, li: Account) -> None:
    room = await li.create_room(wang)
    answer = await wang.confirmed("deactivateAccount")
    assert answer["id_server_unbind_result"] in ("success", "no-support")
    await wang.call("getTokenOwner", expect=(401, "M_UNKNOWN_TOKEN"))
    name = wang.user_id[1:].partition(":")[0]
    await server.call("register", body={"username": name, "password": "p"}, expect=(400, "M_USER_IN_USE"))
    # A person who is gone is no longer a member, so nobody encrypts to them.
    for _ in range(50):
        if wang.user_id not in (await li.call("getJoinedMembersByRoom", roomId=room))["joined"]:
            return
        await li.sync(timeout_ms=200)
    pytest.fail("the deactivated person is still in the room")


async def test_deactivation_needs_the_password(wang: Account) -> None:
    await wang.call("deactivateAccount", body={}, expect=401)
    await wang.call("getTokenOwner")


async def test_strangers_change_nothing(server: Homeserver) -> None:
    for operation in ("changePassword", "deactivateAccount"):
        answer = await server.call(operation, body={"new_password": "x"}, expect=401)
        assert answer.errcode == "M_MISSING_TOKEN" or "flows" in answer
