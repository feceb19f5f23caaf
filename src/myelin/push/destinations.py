"""Where pushes may go: to the gateways that the site names, and to browsers' push services where it allows them.

A hospital's data does not leave by a client's wish: whatever is not named is refused when a pusher is set, and not
rung where a setting has changed since.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

import msgspec
import orjson

from myelin.matrix.errors import InvalidParam, MissingParam
from myelin.matrix.json import JsonObject

NOTIFY_PATH = "/_matrix/push/v1/notify"
URL_LIMIT = 2048
P256_POINT_BYTES = 65
AUTH_BYTES = 16
# With what else is told it must fit into one encrypted record.
DEFAULT_PAYLOAD_LIMIT_BYTES = 2048
HOST = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*|[0-9a-f:.]+")


class Gateway(msgspec.Struct, frozen=True):
    """A push gateway; `origin` is scheme, host and port."""

    origin: str
    url: str


class Subscription(msgspec.Struct, frozen=True):
    """A browser's push subscription (W3C Push API). `is_listed`: the site has named this very origin.

    A browser shows something for each push, so it is told of badges only where `events_only` is false.
    """

    origin: str
    url: str
    p256dh: bytes
    auth: bytes
    events_only: bool
    is_listed: bool


class Destinations:
    """Decides by the site's settings. `own_url` is the built-in gateway for browsers, below the public address."""

    def __init__(self, public_url: str, gateways: Sequence[str], web_push_hosts: Sequence[str]) -> None:
        self.own_url = f"{public_url.rstrip('/')}{NOTIFY_PATH}"
        self.web_push_hosts = tuple(web_push_hosts)
        self._gateways = frozenset(gateways)

    def of(self, pushkey: str, data: JsonObject) -> Gateway | Subscription:
        """Return where a pusher rings; `MissingParam` or `InvalidParam` where it may not or cannot."""
        url = data.get("url")
        if not isinstance(url, str):
            raise MissingParam("a pusher of kind http needs a url in its data")
        if url == self.own_url:
            return self._subscription(pushkey, data)
        # MUST be an HTTPS URL with a path of /_matrix/push/v1/notify.
        parts = split(url)
        if parts.path != NOTIFY_PATH or parts.query or parts.fragment:
            raise InvalidParam(f"the url of a pusher has the path {NOTIFY_PATH}")
        origin = origin_of(parts)
        if origin not in self._gateways:
            raise InvalidParam(
                "this hospital does not push through that gateway; its setting push_gateways names others"
            )
        return Gateway(origin, url)

    def _subscription(self, pushkey: str, data: JsonObject) -> Subscription:
        endpoint = data.get("endpoint")
        if not isinstance(endpoint, str):
            raise MissingParam("a pusher for a browser needs the endpoint of its push subscription in its data")
        parts = split(endpoint)
        origin = origin_of(parts)
        if len(orjson.dumps(data.get("default_payload"))) > DEFAULT_PAYLOAD_LIMIT_BYTES:
            raise InvalidParam(f"default_payload has {DEFAULT_PAYLOAD_LIMIT_BYTES} bytes at most")
        is_listed = origin in self.web_push_hosts
        if not is_listed and not self._is_push_service(parts):
            raise InvalidParam(
                "this hospital does not push through that service; its setting web_push_hosts names others"
            )
        return Subscription(
            origin=origin,
            url=endpoint,
            p256dh=decoded(pushkey, P256_POINT_BYTES, "pushkey"),
            auth=decoded(data.get("auth"), AUTH_BYTES, "auth"),
            events_only=data.get("events_only") is not False,
            is_listed=is_listed,
        )

    def _is_push_service(self, parts: SplitResult) -> bool:
        if parts.scheme != "https" or parts.port not in (None, 443) or parts.fragment:
            return False
        return any(matches(parts.hostname or "", host) for host in self.web_push_hosts)


def matches(host: str, allowed: str) -> bool:
    """Whether a host is the one that is allowed, or below it where that begins with `*.`."""
    return host.endswith(allowed[1:]) if allowed.startswith("*.") else host == allowed


def split(url: str) -> SplitResult:
    """Return the parts of a URL; `InvalidParam` where it is none that could be asked."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise InvalidParam("this is no URL") from None
    is_plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    is_host = HOST.fullmatch(parts.hostname or "") is not None
    if not is_host or "@" in parts.netloc or not is_plain or len(url) > URL_LIMIT:
        raise InvalidParam("this URL cannot be pushed to")
    return parts


def origin_of(parts: SplitResult) -> str:
    """Return scheme, host and port, the latter where it is not the scheme's own."""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    is_standard = parts.port in (None, {"https": 443, "http": 80}.get(parts.scheme))
    return f"{parts.scheme}://{host}" + ("" if is_standard else f":{parts.port}")


def decoded(text: object, size_bytes: int, name: str) -> bytes:
    """Return what a subscription gives in base64, url-safe or not; `InvalidParam` where its size is wrong."""
    if not isinstance(text, str):
        raise MissingParam(f"a pusher for a browser needs {name}")
    bare = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        value = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if len(value) != size_bytes:
        raise InvalidParam(f"{name} is not that of a browser's push subscription")
    return value
