"""Whatever is asked of any route, the answer is one of the standard, and the server goes on.

Routes come from the server's own table, so that a new one is driven by the day it is built; names of fields and
parameters come from the specification, and among the values are ids that exist, so that requests get far.
"""

import asyncio
import itertools
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_from_bytes

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from myelin.http.application import Application
from myelin.http.messages import Head
from myelin.http.routes import Access, Route, Routes
from myelin.main import edge_of, endless, foundation, routes_of
from myelin.settings import PASSWORD_COSTS, Settings
from tests.contract.contract import operations
from tests.databases import new_database
from tests.in_process import ask

pytestmark = pytest.mark.database

CLIENT = "/_matrix/client/v3"
ANSWER_TIMEOUT_S = 20
EXAMPLES_PER_ROUTE = 50

BROKEN_JSON = [
    b"{",
    b"nul",
    b"\xff\xfe",
    b'{"a":}',
    b'{"a":"\xff"}',
    b'{"a":"\\ud800"}',
    b'{"a":1e999}',
    b'{"a":NaN}',
    b'{"a":1,"a":2}',
    b"\xef\xbb\xbf{}",
    b"[" * 100_000,
    b'{"a":' * 120 + b"1" + b"}" * 120,
    b'{"content":' + b"[" * 500 + b"]" * 500 + b"}",
    b'{"body":"\\u0000"}',
    b'{"a":' + b"9" * 5_000 + b"}",
    b'"' + b"a" * 70_000 + b'"',
]
RAW_SEGMENTS = ["%ff", "%zz", "%", "%00", "%2F..%2F", "..", ".", "%F0%9F%A6%84", "a" * 3_000, "%C3%A9:x"]
RAW_QUERIES = [b"%", b"&&=&", b"a=%ff", b"timeout=%00", b"\xff=\xfe", b"limit=1&limit=x", b"from=" + b"9" * 400]
ODD_TEXTS = [
    "",
    ".",
    "*",
    "!x:y",
    "@x:y",
    "#x:y",
    "$x",
    "mxc://x/y",
    "0",
    "-1",
    "1e999",
    "null",
    "\x7f",
    "é",
    "\U0001f984",
]


@dataclass
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Person:
    """Somebody who has a room, an event and a device, and the ids of all of them."""

    access_token: str
    ids: dict[str, str]


class Site:
    """The whole server but its socket."""

    def __init__(self, application: Application, routes: Routes) -> None:
        self._application = application
        self.routes = routes
        self._names = (f"p{number}" for number in itertools.count())

    async def ask(
        self,
        method: str,
        path: str,
        query: bytes = b"",
        body: bytes = b"",
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> Answer:
        head = Head(method, path, query, dict(headers), "127.0.0.1")
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            answer = await ask(self._application, head, body)
        return Answer(answer.status_code, dict(answer.headers), answer.content)

    async def person(self) -> Person:
        """A new person, so that whatever a request ends or spoils is their own."""
        name = next(self._names)
        wishes = {"username": name, "password": "a password of a test", "device_id": name.upper()}
        first = await self._post(f"{CLIENT}/register", wishes, "")
        auth = {"type": "m.login.dummy", "session": first["session"]}
        answer = await self._post(f"{CLIENT}/register", {**wishes, "auth": auth}, "")
        token = answer["access_token"]
        room = await self._post(f"{CLIENT}/createRoom", {"preset": "public_chat", "room_alias_name": name}, token)
        event = await self._put(f"{CLIENT}/rooms/{quote(room['room_id'])}/send/m.room.message/1", {"body": "x"}, token)
        ids = {
            "userId": answer["user_id"],
            "deviceId": answer["device_id"],
            "roomId": room["room_id"],
            "roomIdOrAlias": room["room_id"],
            "roomAlias": f"#{name}:hospital.test",
            "eventId": event["event_id"],
            "eventType": "m.room.message",
            "serverName": "hospital.test",
        }
        return Person(token, ids)

    async def _post(self, path: str, body: object, token: str) -> dict[str, str]:
        return await self._json("POST", path, body, token)

    async def _put(self, path: str, body: object, token: str) -> dict[str, str]:
        return await self._json("PUT", path, body, token)

    async def _json(self, method: str, path: str, body: object, token: str) -> dict[str, str]:
        answer = await self.ask(method, path, b"", orjson.dumps(body), bearer(token) if token else ())
        said: dict[str, str] = orjson.loads(answer.body)
        assert answer.status in (200, 401), said
        return said


def bearer(token: str) -> tuple[tuple[bytes, bytes], ...]:
    return ((b"authorization", f"Bearer {token}".encode("utf-8", "surrogatepass")),)


@asynccontextmanager
async def served(database_url: str, data_dir: Path) -> AsyncIterator[Site]:
    """The server at work, as its composition root builds it."""
    wishes = Settings(
        data_dir=data_dir,
        server_name="hospital.test",
        registration="open",
        rate_limits=False,
        require_encryption=False,
        password_cost=PASSWORD_COSTS["low"],
        upload_limit_bytes=50_000,
    )
    async with foundation(wishes, database_url) as built:
        routes = Routes(routes_of(built))
        tasks = [asyncio.create_task(run) for run in endless(built)]
        try:
            yield Site(Application(routes, edge_of(built)), routes)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="module")
def site(runner: asyncio.Runner, postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    stack = AsyncExitStack()
    database_url = runner.run(new_database(postgres_url))
    yield runner.run(stack.enter_async_context(served(database_url, tmp_path_factory.mktemp("data"))))
    runner.run(stack.aclose())


# --- what is sent ---


@dataclass(frozen=True)
class Attack:
    path: str
    query: bytes
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...]


def texts(person: Person) -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from([*person.ids.values()]), st.sampled_from(ODD_TEXTS), st.text(max_size=8))


def values(person: Person) -> st.SearchStrategy[Any]:
    words = texts(person)
    numbers = st.one_of(st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False))
    return st.recursive(
        st.one_of(st.none(), st.booleans(), numbers, words),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=3)),
        max_leaves=5,
    )


def shaped(schema: Any, inner: st.SearchStrategy[Any], depth: int = 0) -> st.SearchStrategy[Any]:
    """Values that look like the specification's, with anything at the places where it says what should be there."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not properties or depth > 3:
        return inner
    fields = {name: shaped(part, inner, depth + 1) for name, part in properties.items()}
    return st.one_of(st.fixed_dictionaries({}, optional=fields), inner)


def segments(person: Person, name: str) -> st.SearchStrategy[str]:
    quoted = texts(person).filter(bool).map(lambda text: quote(text.encode("utf-8", "surrogatepass"), safe=""))
    fitting = st.just(quote(person.ids.get(name, "x"), safe=""))
    return st.one_of(fitting, fitting, quoted, st.sampled_from(RAW_SEGMENTS))


@st.composite
def paths(draw: st.DrawFn, route: Route, person: Person) -> str:
    parts = (draw(segments(person, part[1:-1])) if part.startswith("{") else part for part in route.path.split("/"))
    return "/".join(parts)


def queries(route: Route, person: Person) -> st.SearchStrategy[bytes]:
    names = [*operation_of(route).get("query", ()), "access_token_", "from", "limit"]
    pairs = st.tuples(st.sampled_from(names), texts(person))
    # Nothing may wait here: time-outs are none or broken.
    fixed = st.lists(pairs.filter(lambda pair: pair[0] != "timeout"), max_size=4).map(as_query)
    return st.one_of(fixed, fixed, st.sampled_from(RAW_QUERIES))


def as_query(pairs: list[tuple[str, str]]) -> bytes:
    return "&".join(
        f"{name}={quote_from_bytes(text.encode('utf-8', 'surrogatepass'))}" for name, text in pairs
    ).encode()


def bodies(route: Route, person: Person) -> st.SearchStrategy[bytes]:
    good = shaped(operation_of(route).get("request"), values(person)).map(as_json)
    return st.one_of(
        good, good, good, values(person).map(as_json), st.sampled_from(BROKEN_JSON), st.binary(max_size=20)
    )


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def headers(route: Route, person: Person) -> st.SearchStrategy[tuple[tuple[bytes, bytes], ...]]:
    good = st.just(bearer(person.access_token))
    odd = st.sampled_from(
        [(), bearer("unknown"), bearer("é"), ((b"authorization", b"\xff"),), ((b"content-length", b"99999999999"),)]
    )
    types = st.sampled_from([b"application/json", b"text/html; charset=\xff", b"", b"image/png"])
    return st.tuples(st.one_of(good, good, good, odd), types).map(lambda pair: (*pair[0], (b"content-type", pair[1])))


def attacks(route: Route, person: Person) -> st.SearchStrategy[Attack]:
    return st.builds(
        Attack, paths(route, person), queries(route, person), bodies(route, person), headers(route, person)
    )


def operation_of(route: Route) -> dict[str, Any]:
    """What the specification says of the operation at this route; empty where it has none."""
    return SPECIFIED.get((route.method, shape_of(route.path)), {})


def shape_of(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.rstrip("/").split("/"))


SPECIFIED = {(each["method"], shape_of(each["path"])): each for each in operations().values()}


# --- what comes back ---


def check(route: Route, answer: Answer) -> None:
    """The answer is one that a client of the standard understands."""
    assert 200 <= answer.status < 500, answer.body
    assert answer.headers["access-control-allow-origin"] == "*"
    assert len(answer.body) == int(answer.headers["content-length"])
    if answer.status >= 400:
        assert answer.headers["content-type"] == "application/json"
        refusal = orjson.loads(answer.body)
        assert (refusal.get("error") and refusal["errcode"].startswith("M_")) or "flows" in refusal, refusal
    elif answer.headers["content-type"] == "application/json" and "content-disposition" not in answer.headers:
        orjson.loads(answer.body)


def test_the_table_holds_the_routes(site: Site) -> None:
    known = {(route.method, shape_of(route.path)) for route in site.routes}
    assert ("PUT", f"{CLIENT}/rooms/{{}}/send/{{}}/{{}}") in known
    assert ("POST", "/_matrix/media/v3/upload") in known


def test_no_request_breaks_the_server(site: Site, runner: asyncio.Runner, subtests: pytest.Subtests) -> None:
    for route in site.routes:
        with subtests.test(method=route.method, path=route.path):
            drive(site, runner, route, runner.run(site.person()))


def drive(site: Site, runner: asyncio.Runner, route: Route, person: Person) -> None:
    @settings(
        max_examples=int(os.environ.get("MYELIN_TEST_EXAMPLES", EXAMPLES_PER_ROUTE)),
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(attack=attacks(route, person))
    def one(attack: Attack) -> None:
        answer = runner.run(site.ask(route.method, attack.path, attack.query, attack.body, attack.headers))
        check(route, answer)

    one()


def test_routes_that_need_a_token_need_it_whatever_is_sent(site: Site, runner: asyncio.Runner) -> None:
    for route in site.routes:
        if route.access is Access.TOKEN:
            path = "/".join("x" if part.startswith("{") else part for part in route.path.split("/"))
            answer = runner.run(site.ask(route.method, path, b"", b"{"))
            assert (answer.status, orjson.loads(answer.body)["errcode"]) == (401, "M_MISSING_TOKEN"), route.path
