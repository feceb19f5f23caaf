"""Pushers: where a person's devices are rung, as far as the hospital allows it."""

import base64
import os
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from tests.contract.conftest import Homeserver
from tests.contract.contract import Contract, Records
from tests.contract.own import own
from tests.contract.people import Account, Event
from tests.servers import free_port, fresh_server

pytestmark = pytest.mark.skipif("MYELIN_TEST_URL" in os.environ, reason="needs a server with settings of its own")

PATH = "/_matrix/push/v1/notify"
# The receiver's key of the example in RFC 8291.
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
INTERNAL = [
    f"https://10.0.0.1{PATH}",
    f"http://127.0.0.1:8008{PATH}",
    f"https://push.example{PATH}",
    f"https://hospital.test@push.example{PATH}",
    f"http://169.254.169.254{PATH}",
    f"file:///etc/passwd{PATH}",
    f"https://[::1]{PATH}",
    f"https://push.example:99999{PATH}",
    "https://",
    "",
    " ",
]


@pytest.fixture(scope="module")
def gateway_origin() -> str:
    """Nobody listens there: what is refused or kept is this module's matter, not what is rung."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def pushing_url(tmp_path_factory: pytest.TempPathFactory, postgres_url: str, gateway_origin: str) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("pushing")
    wishes = {"push_gateways": f"{gateway_origin},push.hospital.test", "web_push_hosts": "browsers"}
    with fresh_server(folder, postgres_url, **wishes) as url:
        yield url


@pytest.fixture
async def server(pushing_url: str, unused: Iterator[str], records: Records | None) -> AsyncIterator[Homeserver]:
    async with httpx.AsyncClient(base_url=pushing_url, timeout=60) as http:
        yield Homeserver(pushing_url, Contract(http, records), unused)


@pytest.fixture
async def li(server: Homeserver) -> Account:
    return await server.register("李医生")


@pytest.fixture
async def wang(server: Homeserver) -> Account:
    return await server.register("王护士")


@pytest.fixture
def pusher(gateway_origin: str) -> Event:
    return {
        "app_id": "org.example.app",
        "pushkey": "phone",
        "kind": "http",
        "app_display_name": "App",
        "device_display_name": "Phone",
        "profile_tag": "day",
        "lang": "zh-CN",
        "data": {"url": gateway_origin + PATH, "format": "event_id_only", "brand": {"colour": "blue"}},
    }


async def pushers(account: Account) -> list[Event]:
    found: list[Event] = (await account.call("getPushers"))["pushers"]
    return found


async def test_a_pusher_is_kept_as_it_was_set(li: Account, pusher: Event) -> None:
    assert await pushers(li) == []
    await li.call("postPusher", body=pusher)
    await li.call("postPusher", body=pusher)
    assert await pushers(li) == [pusher]
    changed = {**pusher, "lang": "en", "data": {"url": f"https://push.hospital.test{PATH}"}}
    del changed["profile_tag"]
    await li.call("postPusher", body=changed)
    assert await pushers(li) == [changed]


async def test_a_pusher_is_taken_away(li: Account, pusher: Event) -> None:
    await li.call("postPusher", body=pusher)
    await li.call("postPusher", body={**pusher, "pushkey": "tablet"})
    await li.call("postPusher", body={"app_id": pusher["app_id"], "pushkey": "phone", "kind": None})
    assert [each["pushkey"] for each in await pushers(li)] == ["tablet"]
    # What is not there can be taken away just as well.
    await li.call("postPusher", body={"app_id": "no app", "pushkey": "phone", "kind": None})


async def test_a_phone_has_one_owner_unless_it_is_shared(wang: Account, li: Account, pusher: Event) -> None:
    await li.call("postPusher", body=pusher)
    await wang.call("postPusher", body={**pusher, "append": True})
    assert len(await pushers(li)) == 1
    await wang.call("postPusher", body=pusher)
    assert (len(await pushers(li)), len(await pushers(wang))) == (0, 1)


async def test_pushers_end_with_the_session_that_set_them(server: Homeserver, li: Account, pusher: Event) -> None:
    tablet = await server.login(li)
    await li.call("postPusher", body=pusher)
    await tablet.call("postPusher", body={**pusher, "pushkey": "tablet"})
    await li.call("logout", body={})
    assert [each["pushkey"] for each in await pushers(tablet)] == ["tablet"]


@pytest.mark.parametrize("url", INTERNAL)
async def test_no_pusher_leads_elsewhere(li: Account, pusher: Event, url: str) -> None:
    await li.call("postPusher", body={**pusher, "data": {"url": url}}, expect=(400, "M_INVALID_PARAM"))
    assert await pushers(li) == []


@pytest.mark.parametrize("path", ["", "/", "/_matrix/push/v1/notify/", "/_matrix/push/v1/notify?x=1", "/../notify"])
async def test_a_gateway_is_asked_at_its_one_path(li: Account, pusher: Event, gateway_origin: str, path: str) -> None:
    wanted = {**pusher, "data": {"url": gateway_origin + path}}
    await li.call("postPusher", body=wanted, expect=(400, "M_INVALID_PARAM"))


@pytest.mark.parametrize(
    "missing", ["app_id", "pushkey", "kind", "app_display_name", "device_display_name", "lang", "data"]
)
async def test_every_part_is_needed(li: Account, pusher: Event, missing: str) -> None:
    body = {name: value for name, value in pusher.items() if name != missing}
    await li.call("postPusher", body=body, expect=(400, "M_MISSING_PARAM"))


async def test_a_pusher_needs_a_url(li: Account, pusher: Event) -> None:
    await li.call("postPusher", body={**pusher, "data": {}}, expect=(400, "M_MISSING_PARAM"))
    await li.call("postPusher", body={**pusher, "data": {"url": 5}}, expect=(400, "M_MISSING_PARAM"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "email"},
        {"app_id": "a" * 65},
        {"app_id": ""},
        {"pushkey": "心" * 171},
        {"lang": "l" * 300},
        {"app_display_name": "n" * 300},
    ],
)
async def test_parts_that_are_too_long_or_strange(li: Account, pusher: Event, wrong: Event) -> None:
    await li.call("postPusher", body={**pusher, **wrong}, expect=(400, "M_INVALID_PARAM"))


async def test_data_has_a_limit(li: Account, pusher: Event) -> None:
    data = {**pusher["data"], "much": "x" * 5000}
    await li.call("postPusher", body={**pusher, "data": data}, expect=(400, "M_INVALID_PARAM"))


async def test_nobody_has_a_million_pushers(li: Account, pusher: Event) -> None:
    for number in range(50):
        await li.call("postPusher", body={**pusher, "pushkey": str(number)})
    await li.call("postPusher", body={**pusher, "pushkey": "one more"}, expect=(403, "M_FORBIDDEN"))
    await li.call("postPusher", body={**pusher, "pushkey": "1", "lang": "en"})


async def test_pushers_need_a_token(server: Homeserver, pusher: Event) -> None:
    await server.call("getPushers", expect=(401, "M_MISSING_TOKEN"))
    await server.call("postPusher", body=pusher, expect=(401, "M_MISSING_TOKEN"))


# --- browsers ---


def subscription(url: str, endpoint: str, **more: object) -> Event:
    return {
        "app_id": "org.myelin.web",
        "pushkey": P256DH,
        "kind": "http",
        "app_display_name": "Myelin",
        "device_display_name": "Ward PC",
        "lang": "zh",
        "data": {"url": url, "endpoint": endpoint, "auth": base64.b64encode(bytes(16)).decode(), **more},
    }


async def test_a_browser_is_rung_by_the_server_itself(li: Account) -> None:
    key = await own(li, "GET", "/push/vapid")
    point = base64.urlsafe_b64decode(key["public_key"] + "=")
    assert (len(point), point[0]) == (65, 4)
    assert "fcm.googleapis.com" in key["hosts"]
    assert (await own(li, "GET", "/push/vapid"))["public_key"] == key["public_key"]
    for host in ("fcm.googleapis.com", "wns2-by3p.notify.windows.com", "web.push.apple.com"):
        await li.call("postPusher", body=subscription(key["url"], f"https://{host}/send/abc"))
    assert len(await pushers(li)) == 1


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://10.0.0.1/send",
        "https://fcm.googleapis.com:8443/send",
        "http://fcm.googleapis.com/send",
        "https://fcm.googleapis.com.attacker.example/send",
        "https://attacker.example/fcm.googleapis.com",
        "https://notify.windows.com/send",
        "https://fcm.googleapis.com@attacker.example/send",
        "https://fcm.googleapis.com\\@attacker.example/send",
        "https://localhost/send",
        "https://fcm.googleapis.com/" + "x" * 3000,
        f"https://{'x' * 70}.notify.windows.com/send",
        "https://..notify.windows.com/send",
        "https://心.notify.windows.com/send",
    ],
)
async def test_browsers_are_rung_through_known_services_only(li: Account, endpoint: str) -> None:
    url = (await own(li, "GET", "/push/vapid"))["url"]
    await li.call("postPusher", body=subscription(url, endpoint), expect=(400, "M_INVALID_PARAM"))


@pytest.mark.parametrize(
    "wrong", [{"auth": "short"}, {"auth": "!!"}, {"auth": "AAAA" * 20}, {"default_payload": {"much": "x" * 2100}}]
)
async def test_a_subscription_of_the_wrong_shape(li: Account, wrong: Event) -> None:
    url = (await own(li, "GET", "/push/vapid"))["url"]
    body = subscription(url, "https://web.push.apple.com/x", **wrong)
    await li.call("postPusher", body=body, expect=(400, "M_INVALID_PARAM"))
    for pushkey in ("short", base64.urlsafe_b64encode(b"\x04" + bytes(64)).decode()):
        body = {**subscription(url, "https://web.push.apple.com/x"), "pushkey": pushkey}
        await li.call("postPusher", body=body, expect=(400, "M_INVALID_PARAM"))
    body["data"] = {"url": url}
    await li.call("postPusher", body=body, expect=(400, "M_MISSING_PARAM"))


async def test_the_key_needs_a_token(server: Homeserver) -> None:
    response = await server.contract.http.get("/_myelin/v1/push/vapid")
    assert response.status_code == 401
