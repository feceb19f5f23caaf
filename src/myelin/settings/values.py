"""What a site may set, as typed values with their defaults; secrets stay out of `repr`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Literal

PREFIX = "MYELIN_"
SECRETS = frozenset({"database_url", "turn_secret"})

Network = IPv4Network | IPv6Network


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
    listen: tuple[Listen, ...] = (Listen("127.0.0.1", 8008),)
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
    link_hosts: tuple[str, ...] = ()
    create_groups: tuple[str, ...] = ("everybody",)
    create_patient_rooms: tuple[str, ...] = ()
    create_broadcasts: tuple[str, ...] = ()
    announcements: str | None = "全院公告"
    announcers: tuple[str, ...] = ()
    duty_last_resort: str = "总值班"
    idle_lock_minutes: int = 10

    def __repr__(self) -> str:
        shown = (f"{field.name}={getattr(self, field.name)!r}" for field in fields(self) if field.name not in SECRETS)
        return f"Settings({', '.join(shown)})"
