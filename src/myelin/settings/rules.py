"""Every setting: what it must be, in the words of its error, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from myelin.settings import reading as read
from myelin.settings.reading import Parse

ServerName = Annotated[
    str, Meta(max_length=230, pattern=r"^([0-9A-Za-z][0-9A-Za-z.-]*|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?\Z")
]
HostName = Annotated[str, Meta(max_length=253, pattern=r"^[0-9A-Za-z_:][0-9A-Za-z_.:-]*\Z")]
TurnUri = Annotated[str, Meta(pattern=r"^turns?:\S+\Z")]


@dataclass(frozen=True)
class Rule:
    """What a setting must be, in the words of its error, and the reading of it (any ValueError means: it is not)."""

    expected: str
    parse: Parse


WHOM = "everybody, nobody, or a list of professions (医 护 技 药 管), employee numbers and user ids"

RULES: Mapping[str, Rule] = {
    "data_dir": Rule("the path of a folder", read.path),
    "server_name": Rule("a host name, with a port where needed, such as hospital.example", read.a(ServerName)),
    "public_url": Rule("the address that clients use, such as https://matrix.hospital.example", read.public_url),
    "listen": Rule("an address and a port, such as 127.0.0.1:8008 or [::]:8448, or a list of those", read.listens),
    "tls": Rule("files or own", read.a(Literal["files", "own"])),
    "tls_names": Rule("a list of host names and addresses, such as im.hospital.example", read.list_of(HostName)),
    "ca_listen": Rule("an address and a port, such as 0.0.0.0:80", read.listen),
    "tls_cert": Rule("the path of a file with the certificate chain (PEM)", read.path),
    "tls_key": Rule("the path of a file with the private key (PEM)", read.path),
    "trusted_proxies": Rule("a list of addresses or networks, such as 10.0.0.0/8", read.networks),
    "database_url": Rule("an address such as postgresql://user@host/database", read.url("postgresql", "postgres")),
    "registration": Rule("closed or open", read.a(Literal["closed", "open"])),
    "rate_limits": Rule("true or false", read.a(bool)),
    "require_encryption": Rule("true or false", read.a(bool)),
    "password_cost": Rule("normal or low", read.password_cost),
    "log_level": Rule("debug, info, warning or error", read.log_level),
    "room_version": Rule("10, 11 or 12", read.room_version),
    "upload_limit_bytes": Rule("a whole number of bytes, at least 1", read.a(Annotated[int, Meta(ge=1)])),
    "media_quota_bytes": Rule("a whole number of bytes, at least 1", read.a(Annotated[int, Meta(ge=1)])),
    "turn_uris": Rule("a list of addresses such as turn:turn.hospital.example?transport=udp", read.list_of(TurnUri)),
    "turn_secret": Rule("the secret that the TURN server was given", read.a(Annotated[str, Meta(min_length=1)])),
    "delay_limit_seconds": Rule("a whole number of seconds, at least 1", read.a(Annotated[int, Meta(ge=1)])),
    "delayed_events_limit": Rule("a whole number, 0 or more", read.a(Annotated[int, Meta(ge=0)])),
    "recall_limit_seconds": Rule("a whole number of seconds, 0 for no limit", read.a(Annotated[int, Meta(ge=0)])),
    "activation_days": Rule("a whole number of days, 1 to 365", read.a(Annotated[int, Meta(ge=1, le=365)])),
    "push_gateways": Rule("a list of addresses such as https://push.hospital.example", read.push_gateways),
    "push_content": Rule("none or names", read.a(Literal["none", "names"])),
    "push_patience_hours": Rule("a whole number of hours, at least 1", read.a(Annotated[int, Meta(ge=1, le=8760)])),
    "web_push_hosts": Rule("browsers, or a list of host names such as *.push.example", read.web_push_hosts),
    "link_hosts": Rule("a list of host names such as *.hospital.example", read.link_hosts),
    "turn_ttl_seconds": Rule("a whole number of seconds, at least 60", read.a(Annotated[int, Meta(ge=60)])),
    "create_groups": Rule(WHOM, read.whom),
    "create_patient_rooms": Rule(WHOM, read.whom),
    "create_broadcasts": Rule(WHOM, read.whom),
    "announcements": Rule("the title of the room for everybody, at most 100 characters, or off", read.title_or_off),
    "duty_last_resort": Rule(
        "the name of a role, at most 100 characters", read.a(Annotated[str, Meta(min_length=1, max_length=100)])
    ),
    "idle_lock_minutes": Rule("a whole number of minutes, 1 to 720", read.a(Annotated[int, Meta(ge=1, le=720)])),
    "announcers": Rule("nobody, or a list of employee numbers and user ids", read.announcers),
}
