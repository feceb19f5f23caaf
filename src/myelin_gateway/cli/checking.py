"""What of the settings cannot work, before anything is opened."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from myelin_gateway.channels.mllp_partners import UnsafeListener
from myelin_gateway.channels.mllp_settings import listeners
from myelin_gateway.main.maps import maps_in
from myelin_gateway.main.settings import Settings


class Discovery(msgspec.Struct, frozen=True):
    """One thing that somebody should know; `is_fatal` where the gateway would not start."""

    sentence: str
    is_fatal: bool = False


def findings(settings: Settings, folder: Path) -> list[Discovery]:
    return [*secrets(settings, folder), *addresses(settings, folder), *partners(settings, folder)]


def secrets(settings: Settings, folder: Path) -> Iterable[Discovery]:
    file = folder / settings.homeserver.password_file
    if not file.is_file():
        yield Discovery(f"homeserver.password_file: there is no file {file}.", is_fatal=True)
    elif file.stat().st_mode & 0o077:
        yield Discovery(f"homeserver.password_file: others can read {file}: chmod 600.")
    if settings.homeserver.ca_file and not (folder / settings.homeserver.ca_file).is_file():
        yield Discovery(f"homeserver.ca_file: there is no file {folder / settings.homeserver.ca_file}.", is_fatal=True)


def addresses(settings: Settings, folder: Path) -> Iterable[Discovery]:
    try:
        listeners(settings.partners, folder)
    except UnsafeListener as unsafe:
        yield Discovery(str(unsafe), is_fatal=True)


def partners(settings: Settings, folder: Path) -> Iterable[Discovery]:
    if not settings.partners:
        yield Discovery("There are no [[partners]]: nothing can arrive.")
    for each in settings.partners:
        if not each.fallback_role:
            yield Discovery(f"{each.name}: no fallback_role: a report whose orderer is not known is a dead letter.")
        if not each.maps:
            yield Discovery(f"{each.name}: no maps: nobody of its people is known.")
        elif not (folder / each.maps).is_dir():
            yield Discovery(f"{each.name}: maps: there is no folder {folder / each.maps}.", is_fatal=True)
        else:
            for complaint in maps_in(folder / each.maps).complaints:
                yield Discovery(f"{each.name}: {complaint}")
