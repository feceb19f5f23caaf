"""What a site may set, in one `gateway.toml`; each value overridden from the environment as `GATEWAY_SECTION_NAME`.

The values of a partner are `GATEWAY_PARTNERS_NAME_SETTING`. The sentence for a mistake names the setting, never what
was written there: it may be a secret in the wrong place.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from myelin.matrix.identifiers import is_user_id
from myelin_gateway.channels.mllp_settings import Hl7Partner

PREFIX = "GATEWAY_"
LISTS = frozenset({"allow", "certificate_names", "processing_ids"})
# What was written, as a validation error repeats it.
QUOTED = re.compile(r" '.*'")


class SettingsError(Exception):
    """The settings cannot work; the sentence says which, and what it should be."""


class HomeserverSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The homeserver, and the account of the gateway there; files are relative to `gateway.toml`."""

    url: str
    user: str
    password_file: str
    keys_folder: str = "gateway-keys"
    ca_file: str = ""
    proxy: str = ""


class StoreSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: str = "sqlite:///gateway.db"


class ConsoleSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    listen: str = "127.0.0.1:8090"


class Hl7v2Partner(Hl7Partner, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[[partners]]`; `maps` is a folder, `fallback_role` who is told what it does not know."""

    protocol: Literal["hl7v2"]
    maps: str = ""
    fallback_role: str = ""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    homeserver: HomeserverSettings
    store: StoreSettings = StoreSettings()
    console: ConsoleSettings = ConsoleSettings()
    partners: tuple[Hl7v2Partner, ...] = ()


def load_settings(path: Path, environ: Mapping[str, str]) -> Settings:
    """Return the settings of a file, with the environment's instead where it has any; raises SettingsError."""
    try:
        written: dict[str, object] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise SettingsError(f"The settings file {path} is not TOML in UTF-8: {error}.") from error
    override(written, environ)
    try:
        # An environment has no truths and numbers, only their spelling.
        settings = msgspec.convert(written, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{path}: {QUOTED.sub('', str(error))}.") from None
    check_together(settings, path)
    return settings


def override(written: dict[str, object], environ: Mapping[str, str]) -> None:
    """Put the environment's values in the place of the file's."""
    for name, value in environ.items():
        if name.startswith(PREFIX) and value:
            table, setting = place_of(name, written)
            table[setting] = value.split(",") if setting in LISTS else value


def place_of(name: str, written: dict[str, object]) -> tuple[dict[str, object], str]:
    """Return the table and the name of the setting that a variable means."""
    section, _, rest = name.removeprefix(PREFIX).lower().partition("_")
    if section in ("homeserver", "store", "console") and rest:
        table = written.setdefault(section, {})
        if isinstance(table, dict):
            return table, rest
    partners = written.get("partners")
    for partner in partners if section == "partners" and isinstance(partners, list) else ():
        prefix = f"{str(partner.get('name', '')).lower().replace('-', '_')}_"
        if rest.startswith(prefix):
            return partner, rest.removeprefix(prefix)
    raise SettingsError(
        f"There is no setting {name}: one is GATEWAY_HOMESERVER_URL, another GATEWAY_PARTNERS_LIS_LISTEN."
    )


def check_together(settings: Settings, path: Path) -> None:
    if not is_user_id(settings.homeserver.user):
        raise SettingsError(f"{path}: homeserver.user must be a user id, as @_gateway:hospital.example.")
    if not settings.homeserver.url.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]")):
        raise SettingsError(f"{path}: homeserver.url must begin with https://, or be on this machine.")
    if not settings.store.url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise SettingsError(f"{path}: store.url must begin with sqlite:/// or postgresql://.")
    names = [each.name for each in settings.partners]
    if len(set(names)) < len(names):
        raise SettingsError(f"{path}: two partners have one name; inbox and statistics would mix them.")
