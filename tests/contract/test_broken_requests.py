"""Whatever is sent, the answer is one of the standard: no request makes the server stumble."""

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.contract import operations, target
from tests.contract.coverage import COVERAGE
from tests.contract.people import Account

# They end the session that the test needs, and read nothing from a broken body.
ENDING = {"logout", "logout_all"}
SERVED = sorted(name for name, claim in COVERAGE.items() if claim.serves and name not in ENDING)

TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", ".", "..", "*", "!x:y", "@x:y", "#x:y", "$x", "mxc://x/y", "0", "-1", "1e999", "null", "\x00"]
    ),
)
NUMBERS = st.one_of(st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
NEVER_JSON = [b"{", b"nul", b'{"a":}', b'{"a":"\xff"}', b"[" * 100_000]


def bodies(operation_id: str) -> st.SearchStrategy[Any]:
    """Bodies with the right names and anything under them, and bodies that are nothing at all."""
    schema = operations()[operation_id]["request"] or {}
    properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
    named = st.fixed_dictionaries({}, optional=dict.fromkeys(properties, VALUES))
    return st.one_of(named, named, VALUES)


def paths(operation_id: str) -> st.SearchStrategy[dict[str, str]]:
    names = [part.partition("}")[0] for part in operations()[operation_id]["path"].split("{")[1:]]
    return st.fixed_dictionaries({name: TEXTS.filter(bool) for name in names})


def queries(operation_id: str) -> st.SearchStrategy[dict[str, str]]:
    names = [name for name in operations()[operation_id]["query"] if name != "timeout"]
    return st.fixed_dictionaries({"timeout": st.just("0")}, optional=dict.fromkeys(names, TEXTS))


async def ask(account: Account, operation_id: str, values: dict[str, str], **request: Any) -> httpx.Response:
    """The answer, which is one of the standard."""
    operation = operations()[operation_id]
    response = await account.contract.http.request(
        operation["method"],
        target(operation["path"], values),
        headers={"Authorization": f"Bearer {account.access_token}", "Content-Type": "application/json"},
        **request,
    )
    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        assert {"errcode", "error"} <= response.json().keys() or "flows" in response.json()
    return response


def requests(operation_id: str) -> st.SearchStrategy[Any]:
    """The operation with a path, a query and a body."""
    return st.tuples(st.just(operation_id), paths(operation_id), queries(operation_id), bodies(operation_id))


# Drawn before the test runs: a draw inside it may end the example, and the event loop with it.
@settings(max_examples=8 * len(SERVED), deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
@given(broken=st.sampled_from(SERVED).flatmap(requests))
async def test_no_request_breaks_the_server(
    wang: Account, broken: tuple[str, dict[str, str], dict[str, str], Any]
) -> None:
    operation_id, path, query, body = broken
    await ask(wang, operation_id, path, json=body, params=query)
    await wang.call("getTokenOwner")


@pytest.mark.parametrize("operation_id", [name for name in SERVED if operations()[name]["request"]])
@pytest.mark.parametrize("content", NEVER_JSON, ids=lambda content: repr(content[:9]))
async def test_what_is_no_json_is_refused(wang: Account, operation_id: str, content: bytes) -> None:
    names = [part.partition("}")[0] for part in operations()[operation_id]["path"].split("{")[1:]]
    own = {"userId": wang.user_id, "deviceId": wang.device_id, "roomId": await wang.create_room(), "kind": "content"}
    response = await ask(wang, operation_id, {name: own.get(name, "x") for name in names}, content=content)
    assert response.status_code >= 400
