"""Discovery: what a client asks before it knows anybody."""

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.keys import verifies
from tests.contract.people import Account

# Element Web refuses a server that lists none of these, and tests single entries.
RELEASES = [f"v1.{minor}" for minor in range(1, 12)]


async def test_the_well_known_file_names_this_server(server: Homeserver) -> None:
    answer = await server.call("getWellknown")
    assert answer["m.homeserver"]["base_url"].rstrip("/") == server.base_url.rstrip("/")


async def test_versions_lists_every_release(server: Homeserver) -> None:
    versions = (await server.call("getVersions"))["versions"]
    assert [release for release in RELEASES if release not in versions] == []


async def test_versions_is_answered_with_and_without_a_token(server: Homeserver, wang: Account) -> None:
    anonymous, signed_in = await server.call("getVersions"), await wang.call("getVersions")
    assert anonymous["versions"] == signed_in["versions"]
    # The flags may differ from person to person, so that no cache may mix them.
    assert "authorization" in signed_in.headers["vary"].lower()


async def test_capabilities_name_the_room_versions(wang: Account) -> None:
    capabilities = (await wang.call("getCapabilities"))["capabilities"]
    versions = capabilities["m.room_versions"]
    assert {"10", "11", "12"} <= set(versions["available"])
    assert versions["available"][versions["default"]] == "stable"
    assert capabilities["m.change_password"]["enabled"] is True


async def test_capabilities_need_a_token(server: Homeserver) -> None:
    await server.call("getCapabilities", expect=(401, "M_MISSING_TOKEN"))


async def test_the_servers_key_is_published_and_signs_itself(server: Homeserver) -> None:
    # Rooms made now are signed with it; whoever federates later must find it.
    keys = (await server.contract.http.get("/_matrix/key/v2/server")).json()
    assert keys["valid_until_ts"] > 0
    ((name, signature),) = keys["signatures"][keys["server_name"]].items()
    assert verifies(keys, signature, keys["verify_keys"][name]["key"])


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
async def test_browsers_may_ask_with_any_method(server: Homeserver, method: str) -> None:
    answer = await server.contract.http.request(
        "OPTIONS",
        "/_matrix/client/v3/sync",
        headers={"Origin": "https://web.example", "Access-Control-Request-Method": method},
    )
    assert answer.is_success
    assert answer.headers["access-control-allow-origin"] == "*"
    assert method in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"].lower()
    assert {"authorization", "content-type", "x-requested-with"} <= {name.strip() for name in allowed.split(",")}
