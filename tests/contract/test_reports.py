"""Reporting what is inappropriate, and proving to another service who one is."""

from tests.contract.conftest import Homeserver
from tests.contract.own import asked
from tests.contract.people import Account

USERINFO = "/_matrix/federation/v1/openid/userinfo"


async def test_events_rooms_and_people_are_reported(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    said = await wang.say(room, "not a place for this")
    await li.call("reportEvent", roomId=room, eventId=said, body={"reason": "rude"})
    await li.call("reportEvent", roomId=room, eventId=said, body={})
    await li.call("reportRoom", roomId=room, body={"reason": ""})
    await li.call("reportUser", userId=wang.user_id, body={"reason": "rude"})


async def test_what_does_not_exist_or_is_not_seen_is_not_found(wang: Account, li: Account) -> None:
    room = await wang.create_room()
    said = await wang.say(room, "among us")
    missing = (404, "M_NOT_FOUND")
    await li.call("reportEvent", roomId=room, eventId=said, body={}, expect=missing)
    await wang.call("reportEvent", roomId=room, eventId="$unknown", body={}, expect=missing)
    await li.call("reportRoom", roomId="!nowhere:hospital.test", body={"reason": ""}, expect=missing)
    await li.call("reportUser", userId="@nobody:hospital.test", body={"reason": ""}, expect=missing)
    await li.call("reportRoom", roomId=room, body={}, expect=(400, "M_MISSING_PARAM"))


async def test_a_service_learns_whose_token_it_was_given(server: Homeserver, wang: Account, li: Account) -> None:
    given = await wang.call("requestOpenIdToken", userId=wang.user_id, body={})
    assert given["token_type"] == "Bearer"
    token = given["access_token"]

    async def sub(token: str, expect: int = 200) -> str | None:
        query = {"access_token": token}
        answer = await asked(None, "GET", USERINFO, query=query, expect=expect, contract=server.contract)
        owner: str | None = answer.body.get("sub")
        return owner

    assert await sub(token) == wang.user_id
    expires_at, name, tag = token.split(".")
    for forged in (token + "0", f"{int(expires_at) + 1}.{name}.{tag}", f"{expires_at}.{name}.", "x", "", "é.é.é"):
        await sub(forged, expect=401)
    await asked(None, "GET", USERINFO, expect=(401, "M_MISSING_TOKEN"), contract=server.contract)
    await wang.call("requestOpenIdToken", userId=li.user_id, body={}, expect=403)
    # It opens nothing else.
    await server.contract.call("getTokenOwner", token=token, expect=(401, "M_UNKNOWN_TOKEN"))
    await wang.confirmed("deactivateAccount")
    await sub(token, expect=401)
