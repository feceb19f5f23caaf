"""Servers as hospitals run them: encryption in every room, limits for the hasty, no open registration."""

import os
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from tests.contract.conftest import Homeserver
from tests.contract.contract import Contract, Records
from tests.contract.people import Account, Event, identifier
from tests.servers import fresh_server

pytestmark = pytest.mark.skipif("MYELIN_TEST_URL" in os.environ, reason="needs servers with settings of their own")

TEXT = {"msgtype": "m.text", "body": "in clear"}
SEALED = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "c", "session_id": "s"}
REQUEST = {"msgtype": "m.key.verification.request", "body": "x", "methods": [], "from_device": "d", "to": "@x:y"}
IN_CLEAR_ON_PURPOSE = [
    ("m.room.message", REQUEST),
    ("m.key.verification.ready", {"from_device": "d", "methods": ["m.sas.v1"]}),
    ("m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$x", "key": "👍"}}),
]


@pytest.fixture(scope="module")
def strict_url(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[str]:
    relay = {"turn_uris": "turn:relay.hospital.test", "turn_secret": "shared with the relay"}
    wishes = {"require_encryption": "true", "rate_limits": "true", **relay}
    with fresh_server(tmp_path_factory.mktemp("strict"), postgres_url, **wishes) as url:
        yield url


@pytest.fixture(scope="module")
def closed_url(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[str]:
    """Nothing is said about registration, so it is closed."""
    with fresh_server(tmp_path_factory.mktemp("closed"), postgres_url, registration="") as url:
        yield url


@pytest.fixture
async def strict(strict_url: str, unused: Iterator[str], records: Records | None) -> AsyncIterator[Homeserver]:
    async with httpx.AsyncClient(base_url=strict_url, timeout=60) as http:
        yield Homeserver(strict_url, Contract(http, records), unused)


@pytest.fixture
async def zhao(strict: Homeserver) -> Account:
    return await strict.register("赵主任")


async def test_every_room_is_encrypted(zhao: Account) -> None:
    room = await zhao.create_room(name="查房")
    assert (await zhao.state(room, "m.room.encryption"))["algorithm"] == "m.megolm.v1.aes-sha2"


async def test_encryption_comes_after_what_the_client_wished(zhao: Account) -> None:
    wish = {"type": "org.example.bed", "state_key": "", "content": {"bed": 12}}
    room = await zhao.create_room(name="查房", initial_state=[wish])
    types = [event["type"] for event in (await zhao.messages(room, dir="f", limit=50))["chunk"]]
    assert types.index("org.example.bed") + 1 == types.index("m.room.encryption") < types.index("m.room.name")


async def test_a_space_is_not_encrypted(zhao: Account) -> None:
    room = await zhao.create_room(creation_content={"type": "m.space"})
    await zhao.state(room, "m.room.encryption", expect=(404, "M_NOT_FOUND"))


@pytest.mark.parametrize("event_type", ["m.room.message", "m.sticker", "m.poll.start"])
async def test_nothing_is_said_in_clear(zhao: Account, event_type: str) -> None:
    room = await zhao.create_room()
    await zhao.send(room, TEXT, event_type=event_type, expect=(403, "M_FORBIDDEN"))
    await zhao.send(room, SEALED, event_type="m.room.encrypted")


@pytest.mark.parametrize(("event_type", "content"), IN_CLEAR_ON_PURPOSE)
async def test_what_must_be_clear_passes(zhao: Account, event_type: str, content: Event) -> None:
    await zhao.send(await zhao.create_room(), content, event_type=event_type)


async def test_the_hasty_are_told_to_wait(strict: Homeserver) -> None:
    body = {"type": "m.login.password", "identifier": identifier("nobody-here"), "password": "guess"}
    for _ in range(200):
        answer = await strict.contract.http.post("/_matrix/client/v3/login", json=body)
        if answer.status_code == 429:
            break
        assert answer.status_code == 403
    limited = await strict.call("login", body=body, expect=(429, "M_LIMIT_EXCEEDED"))
    assert int(limited.headers["retry-after"]) > 0
    assert limited["retry_after_ms"] > 0


async def test_registration_is_closed_by_default(closed_url: str, records: Records | None) -> None:
    async with httpx.AsyncClient(base_url=closed_url, timeout=60) as http:
        contract = Contract(http, records)
        await contract.call("register", body={"username": "wang", "password": "p"}, expect=(403, "M_FORBIDDEN"))
        # Element Web asks for the flows with an empty body.
        await contract.call("register", body={}, expect=(403, "M_FORBIDDEN"))


async def test_a_relay_gives_a_person_credentials_of_their_own(zhao: Account) -> None:
    relay = await zhao.call("getTurnServer")
    assert relay["uris"] == ["turn:relay.hospital.test"]
    assert relay["username"].endswith(zhao.user_id)
    assert relay["ttl"] > 0
    assert relay["password"]
