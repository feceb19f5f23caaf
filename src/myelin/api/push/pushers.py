"""GET /_matrix/client/v3/pushers, POST /_matrix/client/v3/pushers/set (client-server API, "Push Notifications")."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import orjson

from myelin.actions.pushers import NewPusher, remove_pusher, set_pusher
from myelin.actions.sender import Sender
from myelin.api.callers import sender_of
from myelin.append.pool import Pool
from myelin.http.messages import EMPTY, Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import Forbidden, InvalidParam, MissingParam
from myelin.matrix.json import JsonObject
from myelin.push.destinations import Destinations, Subscription
from myelin.push.web_push import is_encryptable
from myelin.stores.pushers import Pusher, Pushers

PUSHKEY_LIMIT_BYTES = 512
APP_ID_LIMIT = 64
NAME_LIMIT = 255
DATA_LIMIT_BYTES = 4096
PUSHERS_LIMIT = 50
REQUIRED = ("app_display_name", "device_display_name", "lang", "data")


class PusherBody(msgspec.Struct, frozen=True):
    """The body of POST pushers/set; `kind` null deletes."""

    app_id: str
    pushkey: str
    kind: str | None
    app_display_name: str | None = None
    device_display_name: str | None = None
    profile_tag: str | None = None
    lang: str | None = None
    data: JsonObject | None = None
    append: bool = False


class PusherEndpoints:
    """Shows and changes the caller's pushers."""

    def __init__(self, pool: Pool, pushers: Pushers, destinations: Destinations) -> None:
        self._pool = pool
        self._pushers = pushers
        self._destinations = destinations
        self._body = msgspec.json.Decoder(PusherBody)

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        yield Route("GET", "/_matrix/client/v3/pushers", self.get)
        yield Route("POST", "/_matrix/client/v3/pushers/set", self.post)

    async def get(self, request: Request) -> Response:
        return ok({"pushers": [pusher.fields() for pusher in await self._pushers.of(request.signed_in.user_id)]})

    async def post(self, request: Request) -> Response:
        sender, body = sender_of(request), request.parse(self._body)
        present = await self._pushers.of(sender.user_id)
        known = next((each for each in present if (each.app_id, each.pushkey) == (body.app_id, body.pushkey)), None)
        if body.kind is None:
            if known is not None:
                await self._pool.submit(
                    remove_pusher(sender.user_id, body.app_id, body.pushkey, "unset", sender.device_id)
                )
            return EMPTY
        wanted = self._wanted(body)
        if known is None and len(present) >= PUSHERS_LIMIT:
            raise Forbidden(f"you have {PUSHERS_LIMIT} pushers already; sign out of devices that you no longer use")
        if known is None or not await self._is_set(known, wanted, sender):
            await self._pool.submit(set_pusher(sender, wanted))
        return EMPTY

    async def _is_set(self, known: Pusher, wanted: NewPusher, sender: Sender) -> bool:
        # Clients set the same one at each start: that is no news, unless it takes somebody else's away.
        return is_same(known, wanted, sender) and not (wanted.exclusive and await self._pushers.is_shared(known))

    def _wanted(self, body: PusherBody) -> NewPusher:
        """Return a pusher that may be kept; `MissingParam` or `InvalidParam` where it may not."""
        missing = [name for name in REQUIRED if getattr(body, name) is None]
        if missing:
            raise MissingParam(f"Missing parameters: {', '.join(missing)}")
        if body.kind != "http":
            raise InvalidParam("pushers are of kind http here; nobody is reached by e-mail")
        check_size(body)
        data = body.data or {}
        place = self._destinations.of(body.pushkey, data)
        if isinstance(place, Subscription) and not is_encryptable(place):
            raise InvalidParam("pushkey is not the key of a browser's push subscription")
        return NewPusher(
            app_id=body.app_id,
            pushkey=body.pushkey,
            app_display_name=body.app_display_name or "",
            device_display_name=body.device_display_name or "",
            lang=body.lang or "",
            data=data,
            profile_tag=body.profile_tag or "",
            exclusive=not body.append,
        )


def check_size(body: PusherBody) -> None:
    """Raise `InvalidParam` where a part is longer than the specification or we allow."""
    texts = [body.app_display_name, body.device_display_name, body.profile_tag, body.lang]
    if not body.app_id or len(body.app_id) > APP_ID_LIMIT:
        raise InvalidParam(f"app_id has 1 to {APP_ID_LIMIT} characters")
    if not body.pushkey or len(body.pushkey.encode()) > PUSHKEY_LIMIT_BYTES:
        raise InvalidParam(f"pushkey has 1 to {PUSHKEY_LIMIT_BYTES} bytes")
    if any(text is not None and len(text) > NAME_LIMIT for text in texts):
        raise InvalidParam(f"names and tags have {NAME_LIMIT} characters at most")
    if len(orjson.dumps(body.data)) > DATA_LIMIT_BYTES:
        raise InvalidParam(f"data has {DATA_LIMIT_BYTES} bytes at most")


def is_same(known: Pusher, wanted: NewPusher, sender: Sender) -> bool:
    """Whether the caller's device has set this very pusher before."""
    fields = [name for name in wanted.__struct_fields__ if name != "exclusive"]
    return known.device_id == sender.device_id and all(getattr(known, name) == getattr(wanted, name) for name in fields)
