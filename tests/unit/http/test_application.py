"""The shell around the endpoints: what every answer has, whatever was asked."""

import logging
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

import orjson
import pytest

from myelin.http.application import Application, Edge
from myelin.http.limits import NoLimits, RateLimits
from myelin.http.messages import Caller, Request, Response, ok
from myelin.http.proxies import Proxies
from myelin.http.routes import Access, Route, Routes
from myelin.http.traffic import Traffic
from myelin.matrix.errors import NotFound, UnknownToken
from tests.unit.http.wires import Answer, Client


class KnownTokens:
    async def caller(self, token: str, address: str) -> Caller:
        if token != "good":
            raise UnknownToken
        return Caller("@wang:x", "A")


class Parts:
    """A stream that notes whether it was closed."""

    def __init__(self, *parts: bytes) -> None:
        self._parts = [*parts]
        self.closed = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self._parts:
            raise StopAsyncIteration
        return self._parts.pop(0)

    async def aclose(self) -> None:
        self.closed = True


@dataclass
class Site:
    """A few endpoints behind the real shell."""

    traffic: Traffic = field(default_factory=Traffic)
    stream: Parts = field(default_factory=lambda: Parts(b"ab", b"cd"))

    def routes(self) -> Iterable[Route]:
        yield Route("GET", "/open/{name}", self.echo, Access.OPEN)
        yield Route("PUT", "/open/{name}", self.echo, Access.OPEN, limit="login")
        yield Route("GET", "/mine", self.echo)
        yield Route("GET", "/maybe", self.echo, Access.OPTIONAL)
        yield Route("GET", "/missing", self.missing, Access.OPEN)
        yield Route("GET", "/broken", self.broken, Access.OPEN)
        yield Route("GET", "/streamed", self.streamed, Access.OPEN)

    async def echo(self, request: Request) -> Response:
        caller = request.caller.user_id if request.caller else None
        body = request.json_object() if request.method == "PUT" else None
        return ok({"path": request.path, "query": request.query, "caller": caller, "body": body})

    async def missing(self, request: Request) -> Response:
        raise NotFound

    async def broken(self, request: Request) -> Response:
        raise RuntimeError("the password is swordfish")

    async def streamed(self, request: Request) -> Response:
        return Response(200, b"", ((b"content-type", b"image/png"), (b"content-length", b"4")), self.stream)

    async def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Iterable[tuple[bytes, bytes]] = (),
        limits: NoLimits | RateLimits | None = None,
    ) -> Answer:
        edge = Edge(KnownTokens(), NoLimits() if limits is None else limits, Proxies([]), self.traffic, lambda: 1.0)
        client = Client(Application(Routes(self.routes()), edge).respond)
        lines = [b"%b: %b\r\n" % header for header in (*headers, (b"content-length", b"%d" % len(body)))]
        await client.send(b"%b %b HTTP/1.1\r\n%b\r\n%b" % (method.encode(), path.encode(), b"".join(lines), body))
        (answer,) = client.answers("H" if method == "HEAD" else "")
        return answer


@pytest.fixture
def site() -> Site:
    return Site()


async def test_every_answer_lets_browsers_read_it(site: Site) -> None:
    paths = ["/open/x", "/missing", "/broken", "/mine", "/nowhere", "/streamed"]
    for path in paths:
        for method in ("GET", "PUT", "OPTIONS", "HEAD", "PATCH"):
            answer = await site.ask(method, path)
            assert answer.headers["access-control-allow-origin"] == "*", (method, path)


@pytest.mark.parametrize("path", ["/open/x", "/nowhere", "/mine"])
async def test_browsers_may_ask_beforehand_about_any_path(site: Site, path: str) -> None:
    answer = await site.ask("OPTIONS", path)
    assert answer.status == 200
    assert "PUT" in answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize(
    ("method", "path", "status", "errcode"),
    [
        ("GET", "/nowhere", 404, "M_UNRECOGNIZED"),
        ("GET", "/open", 404, "M_UNRECOGNIZED"),
        ("GET", "/open/x/y", 404, "M_UNRECOGNIZED"),
        ("GET", "//", 404, "M_UNRECOGNIZED"),
        ("PATCH", "/open/x", 405, "M_UNRECOGNIZED"),
        ("GET", "/open/%ff", 400, "M_INVALID_PARAM"),
        ("GET", "/open/%00", 400, "M_INVALID_PARAM"),
        ("GET", "/open/x?a=%00", 400, "M_INVALID_PARAM"),
        ("GET", "/missing", 404, "M_NOT_FOUND"),
        ("GET", "/mine", 401, "M_MISSING_TOKEN"),
    ],
)
async def test_refusals_speak_the_standard(site: Site, method: str, path: str, status: int, errcode: str) -> None:
    answer = await site.ask(method, path)
    assert (answer.status, answer.errcode) == (status, errcode)
    assert answer.headers["content-type"] == "application/json"


async def test_a_wrong_method_is_told_the_right_ones(site: Site) -> None:
    assert (await site.ask("DELETE", "/open/x")).headers["allow"] == "GET, PUT"


async def test_a_fault_is_answered_and_logged_without_its_words(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    answer = await site.ask("GET", "/broken?name=wang")
    assert (answer.status, answer.errcode) == (500, "M_UNKNOWN")
    assert b"swordfish" not in answer.body
    (record,) = caplog.records
    assert record.getMessage() == "failed method=GET route=/broken status=500 error=RuntimeError"


async def test_a_refusal_is_logged_by_its_route_only(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "myelin")
    await site.ask("PUT", "/open/wang?who=wang", b"[")
    (record,) = caplog.records
    assert record.getMessage() == "refused method=PUT route=/open/{name} status=400 errcode=M_NOT_JSON"


async def test_tokens_come_in_the_header_or_the_query(site: Site) -> None:
    for headers, query in (([(b"authorization", b"Bearer good")], ""), ([], "?access_token=good")):
        assert b"@wang:x" in (await site.ask("GET", "/mine" + query, headers=headers)).body


@pytest.mark.parametrize("header", [b"Bearer bad", b"bearer  bad "])
async def test_a_bad_token_is_unknown_even_where_none_is_needed(site: Site, header: bytes) -> None:
    answer = await site.ask("GET", "/maybe", headers=[(b"authorization", header)])
    assert (answer.status, answer.errcode) == (401, "M_UNKNOWN_TOKEN")


@pytest.mark.parametrize("header", [b"", b"Bearer", b"Bearer ", b"Basic good", b"good"])
async def test_what_is_no_bearer_token_is_none(site: Site, header: bytes) -> None:
    answer = await site.ask("GET", "/mine", headers=[(b"authorization", header)])
    assert (answer.status, answer.errcode) == (401, "M_MISSING_TOKEN")


async def test_of_a_repeated_parameter_the_last_counts(site: Site) -> None:
    answer = await site.ask("GET", "/open/x?a=1&a=2&b=%E7%8E%8B&c&d=%ff")
    assert orjson.loads(answer.body)["query"] == {"a": "2", "b": "王", "c": "", "d": "\ufffd"}


async def test_a_body_on_get_is_ignored(site: Site) -> None:
    assert (await site.ask("GET", "/open/x", b"[broken")).status == 200


async def test_head_is_get_without_a_body(site: Site) -> None:
    answer = await site.ask("HEAD", "/streamed")
    assert (answer.status, answer.headers["content-length"], answer.body) == (200, "4", b"")
    assert site.stream.closed


async def test_a_stream_is_sent_and_closed(site: Site) -> None:
    answer = await site.ask("GET", "/streamed")
    assert answer.body == b"abcd"
    assert site.stream.closed


async def test_the_hasty_are_told_when_to_come_back(site: Site) -> None:
    limits = RateLimits(lambda: 0.0)
    answers = [await site.ask("PUT", "/open/x", b"{}", limits=limits) for _ in range(120)]
    refused = [answer for answer in answers if answer.status == 429]
    assert refused
    assert refused[0].errcode == "M_LIMIT_EXCEEDED"
    assert int(refused[0].headers["retry-after"]) * 1000 >= orjson.loads(refused[0].body)["retry_after_ms"] > 0


async def test_answers_are_counted_by_route_and_status(site: Site) -> None:
    for path in ("/open/wang", "/open/li", "/nowhere", "/missing"):
        await site.ask("GET", path)
    counted = {key: sum(tally.counts) for key, tally in site.traffic}
    assert counted == {("GET", "/open/{name}", 200): 2, ("GET", "-", 404): 1, ("GET", "/missing", 404): 1}
