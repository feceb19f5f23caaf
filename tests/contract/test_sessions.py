"""Sessions as clients live through them: older ways to sign in, refreshing, signing out, and what ends what."""

import asyncio

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.contract import Answer
from tests.contract.people import Account, identifier

LOGIN = "/_matrix/client/r0/login"


def localpart(account: Account) -> str:
    return account.user_id[1:].partition(":")[0]


async def refreshable(server: Homeserver, account: Account) -> Answer:
    """A session on a device of its own that can be refreshed."""
    body = {"type": "m.login.password", "identifier": identifier(account.user_id), "password": account.password}
    return await server.call("login", body={**body, "refresh_token": True})


async def test_older_clients_sign_in_without_an_identifier(server: Homeserver, wang: Account) -> None:
    body = {"type": "m.login.password", "user": localpart(wang), "password": wang.password}
    assert (await server.call("login", body=body))["user_id"] == wang.user_id


async def test_older_libraries_sign_in_under_r0(server: Homeserver, wang: Account) -> None:
    http = server.contract.http
    assert {"type": "m.login.password"} in (await http.get(LOGIN)).json()["flows"]
    body = {"type": "m.login.password", "identifier": identifier(wang.user_id), "password": wang.password}
    assert (await http.post(LOGIN, json=body)).json()["user_id"] == wang.user_id


@pytest.mark.parametrize("typed", ["{}", " {} ", "@{}:{server}"], ids=["capitals", "spaces", "user id"])
async def test_case_does_not_count_in_a_number(server: Homeserver, wang: Account, typed: str) -> None:
    name = typed.format(localpart(wang).upper(), server=wang.user_id.partition(":")[2])
    body = {"type": "m.login.password", "identifier": identifier(name), "password": wang.password}
    assert (await server.call("login", body=body))["user_id"] == wang.user_id


async def test_a_person_of_another_server_is_nobody_here(server: Homeserver, wang: Account) -> None:
    name = f"@{localpart(wang)}:elsewhere.example"
    body = {"type": "m.login.password", "identifier": identifier(name), "password": wang.password}
    await server.call("login", body=body, expect=(403, "M_FORBIDDEN"))


async def test_other_identifiers_are_nobodys(server: Homeserver, wang: Account) -> None:
    by_phone = {"type": "m.id.phone", "country": "CN", "phone": "0000"}
    body = {"type": "m.login.password", "identifier": by_phone, "password": wang.password}
    await server.call("login", body=body, expect=(403, "M_FORBIDDEN"))


@pytest.mark.parametrize("missing", ["identifier", "password", "type"])
async def test_what_is_missing_is_named(server: Homeserver, wang: Account, missing: str) -> None:
    body = {"type": "m.login.password", "identifier": identifier(wang.user_id), "password": wang.password}
    del body[missing]
    answer = await server.call("login", body=body, expect=(400, "M_MISSING_PARAM"))
    assert missing in answer["error"]


@pytest.mark.parametrize("kind", ["m.login.token", "m.login.application_service"])
async def test_what_is_not_offered_is_unknown(server: Homeserver, kind: str) -> None:
    await server.call("login", body={"type": kind, "token": "t"}, expect=(400, "M_UNKNOWN"))


async def test_a_device_id_without_substance_is_refused(server: Homeserver, wang: Account) -> None:
    body = {"type": "m.login.password", "identifier": identifier(wang.user_id), "password": wang.password}
    await server.call("login", body={**body, "device_id": "a\u0007b"}, expect=(400, "M_INVALID_PARAM"))


async def test_a_device_that_comes_back_keeps_its_name(server: Homeserver, wang: Account) -> None:
    first = await server.login(wang, initial_device_display_name="护士站")
    again = await server.login(wang, device_id=first.device_id, initial_device_display_name="another")
    assert (await again.call("getDevice", deviceId=first.device_id))["display_name"] == "护士站"


async def test_the_name_of_a_device_has_an_end(server: Homeserver, wang: Account) -> None:
    long = await server.login(wang, initial_device_display_name="字" * 1000)
    assert (await long.call("getDevice", deviceId=long.device_id))["display_name"] == "字" * 255
    body = {"display_name": "字" * 256}
    await long.call("updateDevice", deviceId=long.device_id, body=body, expect=(400, "M_INVALID_PARAM"))


async def test_two_devices_have_two_tokens_and_one_person(server: Homeserver, wang: Account) -> None:
    phone, desk = await server.login(wang), await server.login(wang)
    assert len({wang.access_token, phone.access_token, desk.access_token}) == 3
    for account in (wang, phone, desk):
        owner = await account.call("getTokenOwner")
        assert (owner["user_id"], owner["device_id"]) == (wang.user_id, account.device_id)


async def test_a_forged_token_is_nobodys(server: Homeserver, wang: Account) -> None:
    for forged in (wang.access_token[:-1], wang.access_token + "x", wang.access_token.upper(), "myt_", wang.user_id):
        await server.call("getTokenOwner", token=forged, expect=(401, "M_UNKNOWN_TOKEN"))


async def test_the_token_of_a_signed_out_device_is_good_for_nothing(server: Homeserver, wang: Account) -> None:
    lost = await server.login(wang)
    room = await wang.create_room()
    await lost.say(room, "still here")
    await lost.call("logout")
    for operation in ("getTokenOwner", "getDevices", "sync", "logout"):
        answer = await lost.call(operation, expect=(401, "M_UNKNOWN_TOKEN"))
        # The session is gone for good: the client throws its keys away.
        assert not answer["soft_logout"]
    await lost.send(room, {"msgtype": "m.text", "body": "gone"}, expect=(401, "M_UNKNOWN_TOKEN"))
    await wang.call("getTokenOwner")


async def test_the_refresh_token_of_a_signed_out_device_is_good_for_nothing(server: Homeserver, wang: Account) -> None:
    session = await refreshable(server, wang)
    await server.call("logout", token=session["access_token"])
    refused = await server.call("refresh", body={"refresh_token": session["refresh_token"]}, expect=401)
    assert refused.errcode == "M_UNKNOWN_TOKEN" and not refused["soft_logout"]


async def test_an_access_token_refreshes_nothing(server: Homeserver, wang: Account) -> None:
    await server.call("refresh", body={"refresh_token": wang.access_token}, expect=(401, "M_UNKNOWN_TOKEN"))
    await server.call("refresh", body={}, expect=(400, "M_MISSING_PARAM"))


async def test_a_refresh_token_opens_nothing(server: Homeserver, wang: Account) -> None:
    session = await refreshable(server, wang)
    await server.call("getTokenOwner", token=session["refresh_token"], expect=(401, "M_UNKNOWN_TOKEN"))


async def test_a_session_goes_on_through_many_refreshes(server: Homeserver, wang: Account) -> None:
    session = await refreshable(server, wang)
    device_id = session["device_id"]
    for _ in range(4):
        session = await server.call("refresh", body={"refresh_token": session["refresh_token"]})
        assert (await server.call("getTokenOwner", token=session["access_token"]))["device_id"] == device_id


async def test_tabs_that_refresh_together_all_go_on(server: Homeserver, wang: Account) -> None:
    session = await refreshable(server, wang)
    body = {"refresh_token": session["refresh_token"]}
    answers = await asyncio.gather(*(server.call("refresh", body=body) for _ in range(5)))
    for answer in answers:
        await server.call("getTokenOwner", token=answer["access_token"])


async def test_registration_may_give_a_refresh_token(server: Homeserver) -> None:
    body = {"username": server.username("李医生"), "password": "a good password", "refresh_token": True}
    session = (await server.call("register", body=body, expect=401))["session"]
    auth = {"type": "m.login.dummy", "session": session}
    answer = await server.call("register", body={**body, "auth": auth})
    assert answer["expires_in_ms"] > 0
    await server.call("refresh", body={"refresh_token": answer["refresh_token"]})


async def test_the_list_says_when_a_device_was_last_here(server: Homeserver, wang: Account) -> None:
    device = await wang.call("getDevice", deviceId=wang.device_id)
    assert device["last_seen_ip"] == "127.0.0.1"
    assert device["last_seen_ts"] > 1_700_000_000_000


async def test_a_confirmation_for_one_device_does_not_end_another(server: Homeserver, wang: Account) -> None:
    first, second = await server.login(wang), await server.login(wang)
    session = (await wang.call("deleteDevice", deviceId=first.device_id, body={}, expect=401))["session"]
    auth = {"type": "m.login.password", "identifier": identifier(wang.user_id), "session": session}
    body = {"auth": {**auth, "password": wang.password}}
    refused = await wang.call("deleteDevice", deviceId=second.device_id, body=body, expect=401)
    assert refused.errcode == "M_FORBIDDEN" and refused["session"] != session
    await second.call("getTokenOwner")
    await wang.call("deleteDevice", deviceId=first.device_id, body=body)
    await first.call("getTokenOwner", expect=(401, "M_UNKNOWN_TOKEN"))


async def test_a_confirmation_without_a_challenge_is_enough(server: Homeserver, wang: Account) -> None:
    # Element Web changes a password so: it knows the flow, and gives the old one at once.
    auth = {"type": "m.login.password", "identifier": identifier(wang.user_id), "password": wang.password}
    await wang.call("changePassword", body={"new_password": "a newer password", "auth": auth})


async def test_a_password_is_changed_without_a_token_by_who_knows_it(server: Homeserver, wang: Account) -> None:
    body = {"new_password": "a newer password"}
    session = (await server.call("changePassword", body=body, expect=401))["session"]
    auth = {"type": "m.login.password", "identifier": identifier(wang.user_id), "session": session}
    wrong = {**body, "auth": {**auth, "password": "wrong"}}
    assert (await server.call("changePassword", body=wrong, expect=401)).errcode == "M_FORBIDDEN"
    await server.call("changePassword", body={**body, "auth": {**auth, "password": wang.password}})
    # Whoever changes it from outside ends every session.
    await wang.call("getTokenOwner", expect=(401, "M_UNKNOWN_TOKEN"))


async def test_an_empty_password_is_too_weak(wang: Account) -> None:
    await wang.call("changePassword", body={"new_password": ""}, expect=(400, "M_WEAK_PASSWORD"))


async def test_a_closed_account_says_so_only_to_who_knows_its_password(server: Homeserver, wang: Account) -> None:
    await wang.confirmed("deactivateAccount")
    body = {"type": "m.login.password", "identifier": identifier(wang.user_id), "password": wang.password}
    await server.call("login", body=body, expect=(403, "M_USER_DEACTIVATED"))
    await server.call("login", body={**body, "password": "wrong"}, expect=(403, "M_FORBIDDEN"))


async def test_there_are_no_third_party_ids(wang: Account) -> None:
    assert (await wang.call("getAccount3PIDs"))["threepids"] == []


async def test_application_services_do_not_register(server: Homeserver) -> None:
    body = {"type": "m.login.application_service", "username": server.username("bot")}
    await server.call("register", body=body, expect=(403, "M_FORBIDDEN"))


async def test_a_registration_without_a_password_is_refused(server: Homeserver) -> None:
    body = {"username": server.username("王护士"), "auth": {"type": "m.login.dummy"}}
    await server.call("register", body=body, expect=(400, "M_MISSING_PARAM"))


async def test_capital_letters_of_a_new_name_are_small(server: Homeserver) -> None:
    name = server.username("王护士")
    body = {"username": name.upper(), "password": "a good password", "auth": {"type": "m.login.dummy"}}
    assert (await server.call("register", body=body))["user_id"].startswith(f"@{name}:")


async def test_whoever_wants_no_name_gets_one(server: Homeserver) -> None:
    body = {"password": "a good password", "auth": {"type": "m.login.dummy"}}
    assert (await server.call("register", body=body))["user_id"].startswith("@")


async def test_a_storm_of_sign_ins_is_survived(server: Homeserver, wang: Account) -> None:
    body = {"type": "m.login.password", "identifier": identifier(wang.user_id), "password": wang.password}
    http = server.contract.http
    answers = await asyncio.gather(*(http.post("/_matrix/client/v3/login", json=body) for _ in range(60)))
    assert {answer.status_code for answer in answers} <= {200, 429}
    tokens = {answer.json()["access_token"] for answer in answers if answer.status_code == 200}
    assert len(tokens) == sum(answer.status_code == 200 for answer in answers) > 0
    await wang.call("getTokenOwner")
