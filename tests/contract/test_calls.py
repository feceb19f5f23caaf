"""Calls: where a client finds a relay for its media."""

from tests.contract.conftest import Homeserver
from tests.contract.people import Account


async def test_without_a_relay_the_answer_is_empty(wang: Account) -> None:
    # The schema names what a relay has; without one, clients expect an empty object.
    answer = await wang.contract.http.get(
        "/_matrix/client/v3/voip/turnServer", headers={"Authorization": f"Bearer {wang.access_token}"}
    )
    assert answer.status_code == 200
    assert answer.json() == {} or {"username", "password", "uris", "ttl"} <= set(answer.json())


async def test_relays_are_for_those_who_are_signed_in(server: Homeserver) -> None:
    await server.call("getTurnServer", expect=(401, "M_MISSING_TOKEN"))
