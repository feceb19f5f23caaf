"""What does not exist says so: 404 or 405 with `M_UNRECOGNIZED`, so that clients know "not implemented"."""

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.contract import operations
from tests.contract.coverage import COVERAGE
from tests.contract.people import Account

# They stand at the path and method of an operation that is served.
SHARED = {"inviteBy3PID"}
MISSING = sorted(name for name, claim in COVERAGE.items() if not claim.serves and name not in SHARED)
NOWHERE = [
    "/_matrix/client/v3/unheard-of",
    "/_matrix/client/v9/sync",
    "/_matrix/client/unstable/org.matrix.msc4143/rtc/transports",
    "/_matrix/media/v3/unheard-of",
    "/_matrix/unheard-of",
]


@pytest.mark.parametrize("operation_id", MISSING)
async def test_what_is_not_served_is_unrecognized(wang: Account, operation_id: str) -> None:
    operation = operations()[operation_id]
    values = {name: "x" for name in operation["path"].split("{") if "}" in name}
    path = {name.partition("}")[0]: "x" for name in values}
    answer = await wang.contract.http.request(
        operation["method"],
        operation["path"].format(**path),
        headers={"Authorization": f"Bearer {wang.access_token}"},
    )
    assert answer.status_code in (404, 405), answer.text
    assert answer.json()["errcode"] == "M_UNRECOGNIZED"
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", NOWHERE)
async def test_an_unknown_path_is_unrecognized(server: Homeserver, path: str) -> None:
    answer = await server.contract.http.get(path)
    assert (answer.status_code, answer.json()["errcode"]) == (404, "M_UNRECOGNIZED")
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("method", ["DELETE", "POST", "PUT"])
async def test_a_wrong_method_is_another_error(server: Homeserver, method: str) -> None:
    answer = await server.contract.http.request(method, "/_matrix/client/v3/account/whoami")
    assert (answer.status_code, answer.json()["errcode"]) == (405, "M_UNRECOGNIZED")


async def test_an_invitation_by_mail_is_refused(wang: Account) -> None:
    room = await wang.create_room()
    body = {"id_server": "example.org", "id_access_token": "x", "medium": "email", "address": "li@example.org"}
    answer = await wang.contract.http.post(
        f"/_matrix/client/v3/rooms/{room}/invite", json=body, headers={"Authorization": f"Bearer {wang.access_token}"}
    )
    assert answer.status_code in (400, 403)
