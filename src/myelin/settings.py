"""What a site may set: one frozen, typed value, read once at the start and passed on in parts.

Owns names, defaults, limits and the sentence for each mistake. Opens nothing that a setting names, and keeps
secrets out of `repr` and of every error.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

PREFIX = "MYELIN_"
SECRETS = frozenset({"database_url", "turn_secret"})

Network = IPv4Network | IPv6Network
ServerName = Annotated[
    str, Meta(max_length=230, pattern=r"^([0-9A-Za-z][0-9A-Za-z.-]*|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?\Z")
]
HostName = Annotated[str, Meta(max_length=253, pattern=r"^[0-9A-Za-z_:][0-9A-Za-z_.:-]*\Z")]
TurnUri = Annotated[str, Meta(pattern=r"^turns?:\S+\Z")]


class SettingsError(Exception):
    """A setting that cannot be followed, in one sentence that names it."""


@dataclass(frozen=True)
class Listen:
    """Where the server listens: a literal address or a name, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def is_loopback(self) -> bool:
        """Only programs of this machine can connect."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


@dataclass(frozen=True)
class PasswordCost:
    """The work of one argon2id hash, in argon2's own words."""

    time_cost: int
    memory_cost_kib: int
    parallelism: int


# "normal" is OWASP's recommendation for argon2id; "low" is for tests, where the hash proves nothing.
PASSWORD_COSTS: Mapping[str, PasswordCost] = {
    "normal": PasswordCost(time_cost=2, memory_cost_kib=19_456, parallelism=1),
    "low": PasswordCost(time_cost=1, memory_cost_kib=64, parallelism=1),
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that a site may set; RULES says each in words."""

    data_dir: Path
    server_name: str = "myelin.localhost"
    public_url: str = "http://127.0.0.1:8008"
    listen: Listen = Listen("127.0.0.1", 8008)
    tls: Literal["files", "own"] = "files"
    tls_names: tuple[str, ...] = ()
    ca_listen: Listen | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_proxies: tuple[Network, ...] = ()
    database_url: str | None = None
    registration: Literal["closed", "open"] = "closed"
    rate_limits: bool = True
    require_encryption: bool = True
    password_cost: PasswordCost = PASSWORD_COSTS["normal"]
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    room_version: Literal["10", "11", "12"] = "12"
    upload_limit_bytes: int = 100 * 1024 * 1024
    media_quota_bytes: int = 10 * 1024**3
    turn_uris: tuple[str, ...] = ()
    turn_secret: str | None = None
    turn_ttl_seconds: int = 86_400
    activation_days: int = 14
    recall_limit_seconds: int = 86_400
    delay_limit_seconds: int = 86_400
    delayed_events_limit: int = 100
    push_gateways: tuple[str, ...] = ()
    push_content: Literal["none", "names"] = "none"
    push_patience_hours: int = 72
    web_push_hosts: tuple[str, ...] = ()
    create_groups: tuple[str, ...] = ("everybody",)
    create_patient_rooms: tuple[str, ...] = ()
    create_broadcasts: tuple[str, ...] = ()
    announcements: str | None = "全院公告"
    announcers: tuple[str, ...] = ()
    duty_last_resort: str = "总值班"

    def __repr__(self) -> str:
        shown = (f"{field.name}={getattr(self, field.name)!r}" for field in fields(self) if field.name not in SECRETS)
        return f"Settings({', '.join(shown)})"


@dataclass(frozen=True)
class Source:
    """Where a value was written: how an error names it, and what it may look like."""

    label: str
    folder: Path  # relative paths count from here
    is_text: bool  # an environment has no numbers, truths and lists, only their spelling

    def name(self, setting: str) -> str:
        return f"{PREFIX}{setting.upper()}" if self.is_text else f"{setting} in {self.label}"


Parse = Callable[[object, Source], object]


def _convert(value: object, source: Source, expected: Any) -> Any:
    return msgspec.convert(value, expected, strict=not source.is_text)


def _a(expected: object) -> Parse:
    return lambda value, source: _convert(value, source, expected)


def _list_of(element: object) -> Callable[[object, Source], tuple[Any, ...]]:
    def parse(value: object, source: Source) -> tuple[Any, ...]:
        parts = re.split(r"[,\s]+", value.strip()) if isinstance(value, str) else value
        return tuple(_convert(part, source, element) for part in _convert(parts, source, list[object]))

    return parse


def _push_gateway(written: str) -> str:
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


def _push_gateways(value: object, source: Source) -> tuple[str, ...]:
    return tuple(map(_push_gateway, _list_of(str)(value, source)))


def _web_push_hosts(value: object, source: Source) -> tuple[str, ...]:
    hosts: list[str] = []
    for name in map(str.lower, _list_of(str)(value, source)):
        hosts += BROWSERS if name == "browsers" else [_web_push_host(name)]
    return tuple(hosts)


def _web_push_host(name: str) -> str:
    if "://" in name:
        return _push_gateway(name)
    if not re.fullmatch(r"(\*\.)?([a-z0-9-]+\.)+[a-z0-9-]*[a-z][a-z0-9-]*", name):
        raise ValueError("not a host name")
    return name


def _whom(value: object, source: Source) -> tuple[str, ...]:
    names = _list_of(Annotated[str, Meta(min_length=1, max_length=255)])(value, source)
    if "nobody" in names and len(names) > 1:
        raise ValueError("nobody and somebody")
    return () if names == ("nobody",) else names


def _announcers(value: object, source: Source) -> tuple[str, ...]:
    names = _whom(value, source)
    if not {"everybody", "医", "护", "技", "药", "管"}.isdisjoint(names):
        raise ValueError("more people than can be listed")
    return names


def _title(value: object, source: Source) -> str | None:
    title = _convert(value, source, Annotated[str, Meta(max_length=100)]).strip()
    return title if title not in ("", "off") else None


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _log_level(value: object, source: Source) -> object:
    return _convert(_lower(value), source, Literal["debug", "info", "warning", "error"])


def _room_version(value: object, source: Source) -> object:
    # The specification's versions are strings; 12 without quotes means the same.
    return _convert(str(value), source, Literal["10", "11", "12"])


def _password_cost(value: object, source: Source) -> PasswordCost:
    return PASSWORD_COSTS[_convert(value, source, Literal["normal", "low"])]


def _path(value: object, source: Source) -> Path:
    written: str = _convert(value, source, Annotated[str, Meta(min_length=1)])
    return Path(os.path.normpath(source.folder / Path(written).expanduser()))


def _networks(value: object, source: Source) -> tuple[Network, ...]:
    return tuple(ip_network(name) for name in _list_of(str)(value, source))


def _listen(value: object, source: Source) -> Listen:
    host, _, port = _convert(value, source, str).rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65_536 or not bare:
        raise ValueError("no port")
    if ":" in host:
        ip_address(bare if bare != host else "")
    return Listen(bare, int(port))


def _url(*schemes: str) -> Parse:
    def parse(value: object, source: Source) -> str:
        written: str = _convert(value, source, str)
        parts = urlsplit(written)
        if parts.scheme not in schemes or re.search(r"\s", written):
            raise ValueError("another scheme")
        return written

    return parse


def _public_url(value: object, source: Source) -> str:
    written = str(_url("http", "https")(value, source)).rstrip("/")
    parts = urlsplit(written)
    if not parts.hostname or parts.query or parts.fragment:
        raise ValueError("not a base address")
    return written


@dataclass(frozen=True)
class Rule:
    """What a setting must be, in the words of its error, and the reading of it (any ValueError means: it is not)."""

    expected: str
    parse: Parse


# Where the browsers' makers take pushes for them (Chrome and Edge, Firefox, Safari).
BROWSERS = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.push.services.mozilla.com",
    "*.notify.windows.com",
    "web.push.apple.com",
)

WHOM = "everybody, nobody, or a list of professions (医 护 技 药 管), employee numbers and user ids"

RULES: Mapping[str, Rule] = {
    "data_dir": Rule("the path of a folder", _path),
    "server_name": Rule("a host name, with a port where needed, such as hospital.example", _a(ServerName)),
    "public_url": Rule("the address that clients use, such as https://matrix.hospital.example", _public_url),
    "listen": Rule("an address and a port, such as 127.0.0.1:8008 or [::]:8448", _listen),
    "tls": Rule("files or own", _a(Literal["files", "own"])),
    "tls_names": Rule("a list of host names and addresses, such as im.hospital.example", _list_of(HostName)),
    "ca_listen": Rule("an address and a port, such as 0.0.0.0:80", _listen),
    "tls_cert": Rule("the path of a file with the certificate chain (PEM)", _path),
    "tls_key": Rule("the path of a file with the private key (PEM)", _path),
    "trusted_proxies": Rule("a list of addresses or networks, such as 10.0.0.0/8", _networks),
    "database_url": Rule("an address such as postgresql://user@host/database", _url("postgresql", "postgres")),
    "registration": Rule("closed or open", _a(Literal["closed", "open"])),
    "rate_limits": Rule("true or false", _a(bool)),
    "require_encryption": Rule("true or false", _a(bool)),
    "password_cost": Rule("normal or low", _password_cost),
    "log_level": Rule("debug, info, warning or error", _log_level),
    "room_version": Rule("10, 11 or 12", _room_version),
    "upload_limit_bytes": Rule("a whole number of bytes, at least 1", _a(Annotated[int, Meta(ge=1)])),
    "media_quota_bytes": Rule("a whole number of bytes, at least 1", _a(Annotated[int, Meta(ge=1)])),
    "turn_uris": Rule("a list of addresses such as turn:turn.hospital.example?transport=udp", _list_of(TurnUri)),
    "turn_secret": Rule("the secret that the TURN server was given", _a(Annotated[str, Meta(min_length=1)])),
    "delay_limit_seconds": Rule("a whole number of seconds, at least 1", _a(Annotated[int, Meta(ge=1)])),
    "delayed_events_limit": Rule("a whole number, 0 or more", _a(Annotated[int, Meta(ge=0)])),
    "recall_limit_seconds": Rule("a whole number of seconds, 0 for no limit", _a(Annotated[int, Meta(ge=0)])),
    "activation_days": Rule("a whole number of days, 1 to 365", _a(Annotated[int, Meta(ge=1, le=365)])),
    "push_gateways": Rule("a list of addresses such as https://push.hospital.example", _push_gateways),
    "push_content": Rule("none or names", _a(Literal["none", "names"])),
    "push_patience_hours": Rule("a whole number of hours, at least 1", _a(Annotated[int, Meta(ge=1, le=8760)])),
    "web_push_hosts": Rule("browsers, or a list of host names such as *.push.example", _web_push_hosts),
    "turn_ttl_seconds": Rule("a whole number of seconds, at least 60", _a(Annotated[int, Meta(ge=60)])),
    "create_groups": Rule(WHOM, _whom),
    "create_patient_rooms": Rule(WHOM, _whom),
    "create_broadcasts": Rule(WHOM, _whom),
    "announcements": Rule("the title of the room for everybody, at most 100 characters, or off", _title),
    "duty_last_resort": Rule(
        "the name of a role, at most 100 characters", _a(Annotated[str, Meta(min_length=1, max_length=100)])
    ),
    "announcers": Rule("nobody, or a list of employee numbers and user ids", _announcers),
}


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings of a TOML file, each overridden by MYELIN_<NAME>; without either the defaults.

    A relative path counts from the file that names it, in the environment from the working directory; an empty
    variable is no variable. Raises SettingsError.
    """
    chosen = _from_file(path) | _from_environment(environ)
    chosen.setdefault("data_dir", _default_data_dir(environ))
    chosen.setdefault("public_url", _default_public_url(chosen))
    settings = Settings(**chosen)
    _check_together(settings)
    return settings


def _from_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise SettingsError(f"The settings file {path} is not TOML in UTF-8: {error}.") from error
    return _typed(written, Source(str(path), path.absolute().parent, is_text=False))


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    ours = {name.removeprefix(PREFIX).lower(): value for name, value in environ.items() if name.startswith(PREFIX)}
    written = {name: value for name, value in ours.items() if value}
    return _typed(written, Source("the environment", Path.cwd(), is_text=True))


def _typed(written: Mapping[str, object], source: Source) -> dict[str, Any]:
    return {name: _read(name, value, source) for name, value in written.items()}


def _read(name: str, value: object, source: Source) -> object:
    rule = RULES.get(name)
    if rule is None:
        near = difflib.get_close_matches(name, RULES, n=1)
        raise SettingsError(f"There is no setting {source.name(name)}: {f'use {near[0]}' if near else 'remove it'}.")
    try:
        return rule.parse(value, source)
    except (ValueError, RuntimeError, msgspec.ValidationError):
        # What was written is not repeated, nor is its error: it may be a secret in the wrong place.
        raise SettingsError(f"The setting {source.name(name)} must be {rule.expected}.") from None


def _default_data_dir(environ: Mapping[str, str]) -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/myelin")
    # As the XDG base directory specification says, a relative path there is not followed.
    shared = Path(environ.get("XDG_DATA_HOME", ""))
    home = Path(environ["HOME"]) if environ.get("HOME") else Path.home()
    return (shared if shared.is_absolute() else home / ".local" / "share") / "myelin"


def _default_public_url(chosen: Mapping[str, Any]) -> str:
    listen = chosen.get("listen", Settings.listen)
    if chosen.get("tls") == "own" and listen.host in ("0.0.0.0", "::"):
        # Nobody can ask for "any address", and no certificate holds for it.
        name = urlsplit(f"//{chosen.get('server_name', Settings.server_name)}").hostname
        listen = Listen(str(name), listen.port)
    return f"{'https' if chosen.get('tls') == 'own' or 'tls_cert' in chosen else 'http'}://{listen}"


def _check_together(settings: Settings) -> None:
    if (settings.tls_cert is None) != (settings.tls_key is None):
        raise SettingsError("The settings tls_cert and tls_key belong together: set both or neither.")
    if settings.tls == "own" and settings.tls_cert:
        raise SettingsError('The setting tls = "own" makes the certificate itself: leave out tls_cert and tls_key.')
    if settings.tls != "own" and (settings.tls_names or settings.ca_listen):
        raise SettingsError('The settings tls_names and ca_listen belong to tls = "own".')
    if settings.turn_uris and settings.turn_secret is None:
        raise SettingsError("The setting turn_uris needs turn_secret, the secret that the TURN server was given.")
    if not (settings.listen.is_loopback() or settings.tls == "own" or settings.tls_cert or settings.trusted_proxies):
        raise SettingsError(
            f"The setting listen ({settings.listen}) opens the server to other machines without encryption: set "
            'tls = "own", or tls_cert and tls_key, or name the proxy that encrypts in trusted_proxies, '
            "or listen on 127.0.0.1."
        )
