"""Calls of our own endpoints under /_myelin, and of those of proposals: the specification has no schema for them."""

from typing import Any

from tests.contract.contract import Answer, Expected, Query, json_body
from tests.contract.people import Account


async def own(
    account: Account | None,
    method: str,
    path: str,
    *,
    body: Any = None,
    query: Query | None = None,
    expect: Expected = 200,
) -> Answer:
    """The answer of somebody's request, whose status (and errcode) is as expected; None asks without a token."""
    return await asked(account, method, f"/_myelin/v1{path}", body=body, query=query, expect=expect)


async def asked(
    account: Account | None,
    method: str,
    path: str,
    *,
    body: Any = None,
    query: Query | None = None,
    expect: Expected = 200,
    contract: Any = None,
) -> Answer:
    """The answer to a request at a whole path."""
    http = (account.contract if account is not None else contract).http
    headers = {"Authorization": f"Bearer {account.access_token}"} if account is not None else {}
    response = await http.request(method, path, json=body, params=query, headers=headers)
    answer = Answer(response.status_code, response.headers, response.content, json_body(response))
    status, errcode = expect if isinstance(expect, tuple) else (expect, None)
    assert (answer.status, errcode) == (status, answer.errcode if errcode else None), f"{path}: {response.text[:300]!r}"
    return answer
