"""A browser is rung through its push service: it alone reads what comes, and the service learns who sends."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from myelin.actions.pushers import NewPusher, set_pusher
from myelin.actions.sender import Sender
from myelin.matrix.json import JsonObject
from tests.cores import Core, running_core
from tests.database.test_push import Story
from tests.gateways import PushGateway, Told, fails, plain, push_gateway

pytestmark = [pytest.mark.database, pytest.mark.anyio]


@dataclass
class Browser:
    """A subscription, and the key that reads what comes for it."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def pushkey(self) -> str:
        return encoded(self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def reads(self, told: Told) -> JsonObject:
        plain_text = http_ece.decrypt(told.body, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        found: JsonObject = json.loads(plain_text)
        return found

    async def subscribes(self, core: Core, person: Sender, **more: object) -> None:
        url = core.built.push.destinations.own_url
        data: JsonObject = {"url": url, "endpoint": self.endpoint, "auth": encoded(self.auth), **more}  # type: ignore[dict-item]
        pusher = NewPusher(
            app_id="org.myelin.web",
            pushkey=self.pushkey,
            app_display_name="Myelin",
            device_display_name="Ward PC",
            lang="zh",
            data=data,
        )
        await core.pool.submit(set_pusher(person, pusher))


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def pushed(service: PushGateway, count: int) -> bool:
    return len(service.told) >= count


async def test_the_browser_reads_what_comes(database_url: str, tmp_path: Path) -> None:
    async with push_gateway() as service:
        service.answer = lambda told: plain("201 Created", b"")
        async with running_core(database_url, tmp_path, web_push_hosts=(service.origin,)) as core:
            wang, li = await core.person("wang"), await core.person("li")
            story = Story(core, service, wang, li, await core.room(wang, li))
            browser = Browser(f"{service.origin}/send/abc")
            await browser.subscribes(core, li, default_payload={"app": "myelin"})
            event_id = await story.say()
            await service.hears(lambda told: pushed(told, 1))
            (told,) = service.told
            assert browser.reads(told) == {
                "app": "myelin",
                "event_id": event_id,
                "room_id": story.room_id,
                "prio": "high",
                "counts": {"unread": 1},
            }
            assert told.path == "/send/abc"
            assert told.headers["content-encoding"] == "aes128gcm"
            assert (told.headers["ttl"], told.headers["urgency"]) == ("43200", "normal")
            assert len(told.headers["topic"]) == 32
            token = told.headers["authorization"].partition("t=")[2].partition(",")[0]
            claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
            assert claims["aud"] == service.origin
            # A browser would have to show something for a badge: it is told of events only.
            await story.reads(event_id)
            second = await story.say()
            await service.hears(lambda told: pushed(told, 2))
            assert browser.reads(service.told[1])["event_id"] == second


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
async def test_a_subscription_that_is_gone_is_removed(database_url: str, tmp_path: Path, status: str) -> None:
    async with push_gateway() as service:
        service.answer = fails(status)
        async with running_core(database_url, tmp_path, web_push_hosts=(service.origin,)) as core:
            wang, li = await core.person("wang"), await core.person("li")
            story = Story(core, service, wang, li, await core.room(wang, li))
            await Browser(f"{service.origin}/send/abc").subscribes(core, li)
            await story.say()
            await story.has_pushers()


async def test_a_service_that_leads_inside_is_not_asked(database_url: str, tmp_path: Path) -> None:
    async with push_gateway() as inside:
        # The site has allowed a name; that it leads to this machine is nobody's wish.
        async with running_core(database_url, tmp_path, web_push_hosts=("localhost.example", inside.origin)) as core:
            wang, li = await core.person("wang"), await core.person("li")
            story = Story(core, inside, wang, li, await core.room(wang, li))
            await Browser("https://localhost.example/send/abc").subscribes(core, li)
            good = Browser(f"{inside.origin}/send/good")
            inside.answer = lambda told: plain("201 Created", b"")
            await good.subscribes(core, li)
            await story.say()
            await inside.hears(lambda told: pushed(told, 1))
            assert [told.path for told in inside.told] == ["/send/good"]
