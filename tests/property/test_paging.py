"""Paging through a random history: backwards to the start and forwards to the end, with pages of any size, one meets
exactly the events that one may see, each once and in order.

The oracle is the rule of history visibility, told event by event over what the founder of the room sees.
"""

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Event = dict[str, Any]
API = "/_matrix/client/v3"
VISIBILITIES = ["world_readable", "shared", "invited", "joined"]


@dataclass
class Person:
    """One signed-in person."""

    http: httpx.Client
    user_id: str
    token: str
    transactions: Iterator[int] = field(default_factory=itertools.count)

    def call(self, method: str, path: str, body: Event | None = None, **query: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.http.request(method, API + path, json=body, params=query, headers=headers)

    def done(self, method: str, path: str, body: Event | None = None, **query: Any) -> Event:
        response = self.call(method, path, body, **query)
        assert response.status_code == 200, response.text
        answer: Event = response.json()
        return answer


def register(http: httpx.Client, name: str) -> Person:
    body = {"username": name, "password": f"password of {name}"}
    session = http.post(f"{API}/register", json=body).json()["session"]
    auth = {"type": "m.login.dummy", "session": session}
    answer = http.post(f"{API}/register", json={**body, "auth": auth}).json()
    return Person(http, answer["user_id"], answer["access_token"])


@dataclass(frozen=True)
class Pair:
    """Who makes a history, and who reads it."""

    founder: Person
    reader: Person


@pytest.fixture(scope="module")
def pair(myelin_url: str) -> Iterator[Pair]:
    with httpx.Client(base_url=myelin_url, timeout=60) as http:
        yield Pair(register(http, "paging-founder"), register(http, "paging-reader"))


ACTS = st.one_of(
    st.just("say"),
    st.sampled_from(["join", "leave", "invite", "kick", "redact", "rename", "ban", "unban"]),
    st.sampled_from(VISIBILITIES),
)
HISTORIES = st.lists(ACTS, min_size=3, max_size=25)
LIMITS = st.lists(st.integers(1, 6), min_size=1, max_size=4)


def live_through(pair: Pair, room_id: str, history: Sequence[str]) -> None:
    """Let the acts happen; those that the room refuses are no part of its history."""
    founder, reader, said = pair.founder, pair.reader, list[str]()
    place, person = f"/rooms/{quote(room_id)}", {"user_id": reader.user_id}
    for number, act in enumerate(history):
        if act == "say":
            path = f"{place}/send/m.room.message/{next(founder.transactions)}"
            said.append(founder.done("PUT", path, {"msgtype": "m.text", "body": f"{number}"})["event_id"])
        elif act == "redact" and said:
            founder.done("PUT", f"{place}/redact/{said[number % len(said)]}/{next(founder.transactions)}", {})
        elif act in ("join", "leave"):
            reader.call("POST", f"{place}/{act}", {})
        elif act in ("invite", "kick", "ban", "unban"):
            founder.call("POST", f"{place}/{act}", person)
        elif act == "rename":
            founder.done("PUT", f"{place}/state/m.room.name", {"name": f"{number}"})
        elif act in VISIBILITIES:
            founder.done("PUT", f"{place}/state/m.room.history_visibility", {"history_visibility": act})


def pages(person: Person, room_id: str, direction: str, limits: Sequence[int], **start: str) -> list[Event]:
    """Everything that one meets in one direction."""
    found: list[Event] = []
    query: dict[str, Any] = dict(start)
    for limit in itertools.cycle(limits):
        page = person.done("GET", f"/rooms/{quote(room_id)}/messages", dir=direction, limit=limit, **query)
        assert len(page["chunk"]) <= limit
        found += page["chunk"]
        if "end" not in page:
            return found
        query["from"] = page["end"]
    raise AssertionError


def ids(events: Sequence[Event]) -> list[str]:
    return [event["event_id"] for event in events]


# --- the oracle ---


@dataclass(frozen=True)
class Moment:
    """An event with what held around it."""

    event_id: str
    visibilities: frozenset[str]
    memberships: frozenset[str]


def moments(events: Sequence[Event], reader: str) -> Iterator[Moment]:
    visibility, membership = "shared", "leave"
    for event in events:
        before = visibility, membership
        if event["type"] == "m.room.history_visibility":
            visibility = event["content"]["history_visibility"]
        if event["type"] == "m.room.member" and event["state_key"] == reader:
            membership = event["content"]["membership"]
        yield Moment(event["event_id"], frozenset({before[0], visibility}), frozenset({before[1], membership}))


def seen(events: Sequence[Event], reader: str) -> list[str] | None:
    """What the reader sees of these events in the end, None where they may not look at all."""
    told = list(moments(events, reader))
    stays = [index for index, moment in enumerate(told) if "join" in moment.memberships]
    final = next(event for event in reversed(events) if event["type"] == "m.room.history_visibility")
    is_joined = membership_of(events, reader) == "join"
    if is_joined or final["content"]["history_visibility"] == "world_readable":
        upto = len(told)
    elif stays:
        upto = stays[-1] + 1
    else:
        return None
    joins = [index for index, event in enumerate(events) if is_join(event, reader)]
    return [moment.event_id for index, moment in enumerate(told[:upto]) if allowed(moment, joins, index)]


def allowed(moment: Moment, joins: Sequence[int], index: int) -> bool:
    joined_later = any(join > index for join in joins)
    return any(
        visibility == "world_readable"
        or membership == "join"
        or (joined_later and (visibility == "shared" or (visibility, membership) == ("invited", "invite")))
        for visibility in moment.visibilities
        for membership in moment.memberships
    )


def is_join(event: Event, reader: str) -> bool:
    is_own: bool = event["type"] == "m.room.member" and event["state_key"] == reader
    return is_own and membership_of([event], reader) == "join"


def membership_of(events: Sequence[Event], reader: str) -> str:
    own = [event for event in events if event["type"] == "m.room.member" and event["state_key"] == reader]
    return own[-1]["content"]["membership"] if own else "leave"


# --- the property ---


@given(HISTORIES, LIMITS, st.sampled_from(["private_chat", "public_chat"]))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_paging_meets_what_is_visible(pair: Pair, history: list[str], limits: list[int], preset: str) -> None:
    room_id = pair.founder.done("POST", "/createRoom", {"preset": preset})["room_id"]
    live_through(pair, room_id, history)
    everything = pages(pair.founder, room_id, "f", [500])
    assert ids(pages(pair.founder, room_id, "b", limits)) == ids(everything)[::-1]
    expected = seen(everything, pair.reader.user_id)
    if expected is None:
        refused = pair.reader.call("GET", f"/rooms/{quote(room_id)}/messages", dir="b")
        assert refused.status_code == 403
        return
    assert ids(pages(pair.reader, room_id, "f", limits)) == expected
    assert ids(pages(pair.reader, room_id, "b", limits)) == expected[::-1]
    check_middle(pair.reader, room_id, expected, limits)
    check_each(pair.reader, room_id, ids(everything), expected)


def check_middle(reader: Person, room_id: str, expected: list[str], limits: list[int]) -> None:
    """From wherever a page ends, the two directions part the history between them."""
    page = reader.done("GET", f"/rooms/{quote(room_id)}/messages", dir="b", limit=limits[0])
    if "end" in page:
        older = ids(pages(reader, room_id, "b", limits, **{"from": page["end"]}))
        newer = ids(pages(reader, room_id, "f", limits, **{"from": page["end"]}))
        assert older[::-1] + newer == expected
        between = {"dir": "b", "to": page["end"], "limit": 500, "filter": json.dumps({"not_types": ["x"]})}
        assert ids(reader.done("GET", f"/rooms/{quote(room_id)}/messages", **between)["chunk"]) == newer[::-1]


def check_each(reader: Person, room_id: str, everything: list[str], expected: list[str]) -> None:
    """One by one, the same events are there and the others are not."""
    for event_id in everything:
        status = reader.call("GET", f"/rooms/{quote(room_id)}/event/{quote(event_id)}").status_code
        assert status == (200 if event_id in expected else 404)
