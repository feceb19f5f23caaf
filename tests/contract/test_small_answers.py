"""What clients ask at every start and are content to hear little about: addresses, bridges, presence."""

from __future__ import annotations

from tests.contract.conftest import Homeserver
from tests.contract.people import Account


async def test_nobody_has_an_address_and_nothing_is_bridged(server: Homeserver, wang: Account) -> None:
    assert (await wang.call("getAccount3PIDs"))["threepids"] == []
    assert (await wang.call("getProtocols")).body == {}
    await server.call("getAccount3PIDs", expect=(401, "M_MISSING_TOKEN"))


async def test_presence_is_taken_and_not_told(wang: Account, li: Account) -> None:
    await wang.call("setPresence", userId=wang.user_id, body={"presence": "online"})
    assert (await li.call("getPresence", userId=wang.user_id))["presence"] == "offline"
    await li.call("getPresence", userId="@nobody:hospital.test", expect=(404, "M_NOT_FOUND"))
    await li.call("setPresence", userId=wang.user_id, body={"presence": "online"}, expect=(403, "M_FORBIDDEN"))
