"""How each kind of setting is read from where it was written. Any ValueError means: it is not one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from myelin.settings.values import PASSWORD_COSTS, PREFIX, Listen, Network, PasswordCost

# Where the browsers' makers take pushes for them (Chrome and Edge, Firefox, Safari).
BROWSERS = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.push.services.mozilla.com",
    "*.notify.windows.com",
    "web.push.apple.com",
)


@dataclass(frozen=True)
class Source:
    """Where a value was written: how an error names it, and what it may look like."""

    label: str
    folder: Path  # relative paths count from here
    is_text: bool  # an environment has no numbers, truths and lists, only their spelling

    def name(self, setting: str) -> str:
        return f"{PREFIX}{setting.upper()}" if self.is_text else f"{setting} in {self.label}"


Parse = Callable[[object, Source], object]


def converted(value: object, source: Source, expected: Any) -> Any:
    return msgspec.convert(value, expected, strict=not source.is_text)


def a(expected: object) -> Parse:
    return lambda value, source: converted(value, source, expected)


def list_of(element: object) -> Callable[[object, Source], tuple[Any, ...]]:
    def parse(value: object, source: Source) -> tuple[Any, ...]:
        parts = re.split(r"[,\s]+", value.strip()) if isinstance(value, str) else value
        return tuple(converted(part, source, element) for part in converted(parts, source, list[object]))

    return parse


def push_gateway(written: str) -> str:
    parts = urlsplit(written if "://" in written else f"https://{written}")
    host = parts.hostname or ""
    if (
        parts.scheme not in ("https", "http")
        or not host
        or parts.path not in ("", "/")
        or parts.query
        or "@" in written
    ):
        raise ValueError("not an origin")
    if parts.scheme == "http" and not Listen(host, 80).is_loopback():
        raise ValueError("in clear over the network")
    standard = {"https": 443, "http": 80}[parts.scheme]
    bracketed = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{bracketed}" + (f":{parts.port}" if parts.port not in (None, standard) else "")


def push_gateways(value: object, source: Source) -> tuple[str, ...]:
    return tuple(map(push_gateway, list_of(str)(value, source)))


def web_push_hosts(value: object, source: Source) -> tuple[str, ...]:
    hosts: list[str] = []
    for name in map(str.lower, list_of(str)(value, source)):
        hosts += BROWSERS if name == "browsers" else [web_push_host(name)]
    return tuple(hosts)


def link_hosts(value: object, source: Source) -> tuple[str, ...]:
    return tuple(host_name(name.lower()) for name in list_of(str)(value, source))


def web_push_host(name: str) -> str:
    return push_gateway(name) if "://" in name else host_name(name)


def host_name(name: str) -> str:
    if not re.fullmatch(r"(\*\.)?([a-z0-9-]+\.)+[a-z0-9-]*[a-z][a-z0-9-]*", name):
        raise ValueError("not a host name")
    return name


def whom(value: object, source: Source) -> tuple[str, ...]:
    names = list_of(Annotated[str, Meta(min_length=1, max_length=255)])(value, source)
    if "nobody" in names and len(names) > 1:
        raise ValueError("nobody and somebody")
    return () if names == ("nobody",) else names


def announcers(value: object, source: Source) -> tuple[str, ...]:
    names = whom(value, source)
    if not {"everybody", "医", "护", "技", "药", "管"}.isdisjoint(names):
        raise ValueError("more people than can be listed")
    return names


def title_or_off(value: object, source: Source) -> str | None:
    title = converted(value, source, Annotated[str, Meta(max_length=100)]).strip()
    return title if title not in ("", "off") else None


def lowered(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def log_level(value: object, source: Source) -> object:
    return converted(lowered(value), source, Literal["debug", "info", "warning", "error"])


def room_version(value: object, source: Source) -> object:
    # The specification's versions are strings; 12 without quotes means the same.
    return converted(str(value), source, Literal["10", "11", "12"])


def password_cost(value: object, source: Source) -> PasswordCost:
    return PASSWORD_COSTS[converted(value, source, Literal["normal", "low"])]


def path(value: object, source: Source) -> Path:
    written: str = converted(value, source, Annotated[str, Meta(min_length=1)])
    return Path(os.path.normpath(source.folder / Path(written).expanduser()))


def networks(value: object, source: Source) -> tuple[Network, ...]:
    return tuple(ip_network(name) for name in list_of(str)(value, source))


def listen(value: object, source: Source) -> Listen:
    host, _, port = converted(value, source, str).rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65_536 or not bare:
        raise ValueError("no port")
    if ":" in host:
        ip_address(bare if bare != host else "")
    return Listen(bare, int(port))


def listens(value: object, source: Source) -> tuple[Listen, ...]:
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    if not isinstance(value, list) or not value:
        raise ValueError("no addresses")
    return tuple(listen(each, source) for each in value)


def url(*schemes: str) -> Parse:
    def parse(value: object, source: Source) -> str:
        written: str = converted(value, source, str)
        parts = urlsplit(written)
        if parts.scheme not in schemes or re.search(r"\s", written):
            raise ValueError("another scheme")
        return written

    return parse


def public_url(value: object, source: Source) -> str:
    written = str(url("http", "https")(value, source)).rstrip("/")
    parts = urlsplit(written)
    if not parts.hostname or parts.query or parts.fragment:
        raise ValueError("not a base address")
    return written
