"""Settings from a TOML file and the environment; the sentence for a mistake never repeats what was written."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from myelin.settings.reading import Source
from myelin.settings.rules import RULES
from myelin.settings.values import PREFIX, Listen, Settings, SettingsError


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
    listen: Listen = chosen.get("listen", Settings.listen)[0]
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
    open_to_others = [listen for listen in settings.listen if not listen.is_loopback()]
    if open_to_others and not (settings.tls == "own" or settings.tls_cert or settings.trusted_proxies):
        raise SettingsError(
            f"The setting listen ({open_to_others[0]}) opens the server to other machines without encryption: set "
            'tls = "own", or tls_cert and tls_key, or name the proxy that encrypts in trusted_proxies, '
            "or listen on 127.0.0.1."
        )
