"""Speaks the client-server API over HTTP and checks every answer against the specification.

Owns: how an operation becomes a request, the validation of each response against the schema of its status, and the
record of what was seen. Knows nothing of Myelin: any homeserver that speaks Matrix can stand behind the address.
"""

import functools
import gzip
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import jsonschema

SCHEMAS = Path(__file__).with_name("schemas.json.gz")

# Every refusal has this shape, whether or not the operation's own page names its status.
ERROR: Mapping[str, Any] = {
    "type": "object",
    "required": ["errcode", "error"],
    "properties": {"errcode": {"type": "string", "minLength": 1}, "error": {"type": "string", "minLength": 1}},
}
# A user-interactive challenge says what is missing; `errcode` and `error` come only after a failed stage.
CHALLENGE: Mapping[str, Any] = {
    "type": "object",
    "required": ["flows", "session"],
    "properties": {
        "flows": {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["stages"]}},
        "params": {"type": "object"},
        "session": {"type": "string", "minLength": 1},
        "completed": {"type": "array"},
    },
}

# With format=event the answer fits both branches of its oneOf, since an event is an object like any content.
MEANS_ANY_OF = {"getRoomStateWithKey"}

Expected = int | tuple[int, str]
Query = Mapping[str, str | int]


@functools.cache
def operations() -> dict[str, dict[str, Any]]:
    """Map operationId to its facts: method, path, auth, query names, request schema, responses (schema, errcodes)."""
    found: dict[str, dict[str, Any]] = json.loads(gzip.decompress(SCHEMAS.read_bytes()))
    return found


@functools.cache
def validator(operation_id: str, part: str) -> jsonschema.Draft202012Validator | None:
    """The validator of a status or of the "request"; None where the specification gives no JSON schema."""
    operation = operations()[operation_id]
    schema = operation["request"] if part == "request" else operation["responses"].get(part, {}).get("schema")
    if operation_id in MEANS_ANY_OF and schema and "oneOf" in schema:
        schema = {"anyOf": schema["oneOf"]}
    return None if schema is None else jsonschema.Draft202012Validator(schema)


@dataclass(frozen=True)
class Answer:
    """A response that has passed validation; `answer["key"]` reads its JSON body."""

    status: int
    headers: httpx.Headers
    content: bytes
    body: Any

    def __getitem__(self, key: str) -> Any:
        return self.body[key]

    def __contains__(self, key: object) -> bool:
        return key in self.body

    @property
    def errcode(self) -> str | None:
        return self.body.get("errcode") if isinstance(self.body, dict) else None


@dataclass
class Records:
    """What a run has seen, as JSON lines in a file of this process; the conformance page is checked against it."""

    folder: Path
    seen: set[tuple[str, int, str | None]] = field(default_factory=set)

    def add(self, operation_id: str, status: int, errcode: str | None) -> None:
        if (operation_id, status, errcode) in self.seen:
            return
        self.seen.add((operation_id, status, errcode))
        self.folder.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"operation": operation_id, "status": status, "errcode": errcode})
        with (self.folder / f"{os.getpid()}.jsonl").open("a") as records:
            records.write(line + "\n")


def target(path: str, values: Mapping[str, str]) -> str:
    """The path with each `{name}` filled in and encoded."""
    for name, value in values.items():
        assert f"{{{name}}}" in path, f"{path} has no {{{name}}}"
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    assert "{" not in path, f"{path} lacks a value"
    return path


@dataclass
class Contract:
    """A client of one server that checks what it is told."""

    http: httpx.AsyncClient
    records: Records | None = None

    async def call(
        self,
        operation_id: str,
        *,
        token: str | None = None,
        query: Query | None = None,
        body: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        expect: Expected = 200,
        **path: str,
    ) -> Answer:
        """The answer to one operation, whose status (and errcode) is as expected and whose body fits the schema.

        `body` is sent as JSON, `content` as it is; further keywords fill the path, under the specification's names.
        """
        operation = operations()[operation_id]
        if body is not None and expect == 200 and (shape := validator(operation_id, "request")):
            shape.validate(body)
        response = await self.http.request(
            operation["method"],
            target(operation["path"], path),
            params=query,
            json=body if content is None else None,
            content=content,
            headers={**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})},
        )
        answer = check(operation_id, response, expect)
        if self.records:
            self.records.add(operation_id, answer.status, answer.errcode)
        return answer


def check(operation_id: str, response: httpx.Response, expect: Expected) -> Answer:
    """The answer, after it has passed: expected status and errcode, CORS, JSON where JSON is due, the schema."""
    said = f"{operation_id}: {response.status_code} {response.text[:300]!r}"
    status, errcode = expect if isinstance(expect, tuple) else (expect, None)
    assert response.status_code == status, f"{said}, expected {expect}"
    # Servers MUST expect that clients will approach them with OPTIONS requests: any web client may read any answer.
    assert response.headers.get("access-control-allow-origin") == "*", f"{said} lacks the CORS header"
    answer = Answer(response.status_code, response.headers, response.content, json_body(response))
    assert errcode is None or answer.errcode == errcode, f"{said}, expected {errcode}"
    validate(operation_id, answer, said)
    return answer


def json_body(response: httpx.Response) -> Any:
    is_json = response.headers.get("content-type", "").startswith("application/json")
    return response.json() if is_json else None


def validate(operation_id: str, answer: Answer, said: str) -> None:
    """Raises where the body breaks the schema of its status; refusals must have the standard shape besides."""
    if answer.status >= 400:
        is_challenge = answer.status == 401 and answer.body and "flows" in answer.body
        jsonschema.validate(answer.body, CHALLENGE if is_challenge else ERROR)
        if answer.status == 401 and not is_challenge:
            return
    shape = validator(operation_id, str(answer.status))
    if shape is None:
        return
    assert answer.body is not None, f"{said} is not JSON"
    faults = [f"{fault.json_path}: {fault.message[:200]}" for fault in shape.iter_errors(answer.body)]
    assert not faults, f"{operation_id} {answer.status} breaks its schema: {'; '.join(faults)}"
