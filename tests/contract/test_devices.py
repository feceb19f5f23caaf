"""Devices: the list of one's sessions, their names, and how one of them is ended."""

from tests.contract.conftest import Homeserver
from tests.contract.people import Account


async def test_the_list_shows_every_device_of_one_person(server: Homeserver, wang: Account, li: Account) -> None:
    other = await server.login(wang)
    devices = (await wang.call("getDevices"))["devices"]
    assert {device["device_id"] for device in devices} == {wang.device_id, other.device_id}


async def test_one_device(wang: Account) -> None:
    assert (await wang.call("getDevice", deviceId=wang.device_id))["device_id"] == wang.device_id


async def test_other_peoples_devices_are_not_found(wang: Account, li: Account) -> None:
    await wang.call("getDevice", deviceId=li.device_id, expect=(404, "M_NOT_FOUND"))
    await wang.call("updateDevice", deviceId=li.device_id, body={"display_name": "x"}, expect=(404, "M_NOT_FOUND"))


async def test_a_device_gets_a_name(wang: Account) -> None:
    await wang.call("updateDevice", deviceId=wang.device_id, body={"display_name": "护士站"})
    assert (await wang.call("getDevice", deviceId=wang.device_id))["display_name"] == "护士站"


async def test_a_lost_phone_is_ended_with_the_password(server: Homeserver, wang: Account) -> None:
    lost = await server.login(wang)
    await wang.confirmed("deleteDevice", deviceId=lost.device_id)
    await lost.call("getTokenOwner", expect=(401, "M_UNKNOWN_TOKEN"))
    await wang.call("getDevice", deviceId=lost.device_id, expect=(404, "M_NOT_FOUND"))


async def test_without_the_password_nothing_is_ended(server: Homeserver, wang: Account) -> None:
    other = await server.login(wang)
    await wang.call("deleteDevice", deviceId=other.device_id, body={}, expect=401)
    await wang.call("deleteDevices", body={"devices": [other.device_id]}, expect=401)
    await other.call("getTokenOwner")


async def test_several_devices_are_ended_at_once(server: Homeserver, wang: Account) -> None:
    others = [await server.login(wang) for _ in range(2)]
    await wang.confirmed("deleteDevices", body={"devices": [other.device_id for other in others]})
    devices = (await wang.call("getDevices"))["devices"]
    assert [device["device_id"] for device in devices] == [wang.device_id]


async def test_one_cannot_end_somebody_elses_device(wang: Account, li: Account) -> None:
    await wang.confirmed("deleteDevices", body={"devices": [li.device_id]})
    await li.call("getTokenOwner")


async def test_a_confirmation_is_for_the_act_that_was_shown(server: Homeserver, wang: Account) -> None:
    first, second = await server.login(wang), await server.login(wang)
    session = (await wang.call("deleteDevices", body={"devices": [first.device_id]}, expect=401))["session"]
    auth = {"type": "m.login.password", "session": session, "password": wang.password}
    body = {"devices": [second.device_id], "auth": {**auth, "identifier": {"type": "m.id.user", "user": wang.user_id}}}
    answer = await wang.contract.http.post(
        "/_matrix/client/v3/delete_devices", json=body, headers={"Authorization": f"Bearer {wang.access_token}"}
    )
    # Either the server refuses the other act or it took the body of the challenge; never a silent third way.
    assert answer.status_code in (200, 400, 401, 403)
    if answer.status_code != 200:
        await second.call("getTokenOwner")
