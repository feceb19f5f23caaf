"""The demo as it runs: the server at three addresses, the colleagues beside it, and the links for three people.

Everybody knows the demo's passwords, so it keeps to this machine and to a folder of its own.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import replace

from myelin.api.session.login_tokens import LoginTokens
from myelin.demo.company import are_installed, company
from myelin.demo.hospital import ANNOUNCERS, PASSWORD
from myelin.demo.opening import open_hospital
from myelin.demo.welcome import ARRIVING, LEFT, MISSING, NEWCOMERS, RESET, STOPPING, preparing, tell, welcome
from myelin.main import serve
from myelin.matrix.identifiers import user_id
from myelin.settings import Listen, Settings, SettingsError
from myelin.wiring.foundation import Foundation

LINK_LIFETIME_MS = 7 * 24 * 60 * 60 * 1000


async def demo(settings: Settings) -> None:
    """Run the demo hospital until Ctrl-C; a restart finds everything as it was."""
    tell(preparing())
    await serve(demo_settings(settings), beside=welcome_newcomers)


def reset_demo(settings: Settings) -> int:
    """Forget everything that the demo has stored."""
    folder = demo_settings(settings).data_dir
    shutil.rmtree(folder, ignore_errors=True)
    tell(RESET.format(folder=folder))
    return 0


def demo_settings(settings: Settings) -> Settings:
    """Return the settings with a folder of their own and an address for each newcomer, all on this machine."""
    if not all(each.is_loopback() for each in settings.listen):
        raise SettingsError("listen: the demo's passwords are public, so it listens on this machine only")
    folder = settings.data_dir.with_name(settings.data_dir.name + "-demo")
    return replace(
        settings,
        data_dir=folder,
        database_url=None,
        listen=addresses(settings.listen),
        announcers=ANNOUNCERS,
        # The terminal is for the links.
        log_level="warning" if settings.log_level == "info" else settings.log_level,
    )


def addresses(given: Sequence[Listen]) -> tuple[Listen, ...]:
    """Return an address for each newcomer: another port is another origin, so a browser holds all of them apart."""
    if len(given) >= len(NEWCOMERS):
        return tuple(given)
    return tuple(Listen(given[0].host, given[0].port + offset) for offset in range(len(NEWCOMERS)))


async def welcome_newcomers(built: Foundation) -> None:
    """Open the hospital, have the colleagues arrive, and print the links; until cancelled."""
    settings = built.settings
    try:
        await open_hospital(built)
        if are_installed():
            await with_colleagues(settings, built.sign_ins.login_tokens)
        else:
            show_links(settings, built.sign_ins.login_tokens)
            tell(MISSING)
        await asyncio.Event().wait()
    finally:
        tell(STOPPING)


async def with_colleagues(settings: Settings, tokens: LoginTokens) -> None:
    """Print the links once the colleagues are there; return if they leave, which only a fault makes them do."""
    tell(ARRIVING)
    folder = settings.data_dir / "colleagues"
    async with company(f"http://{settings.listen[0]}", settings.server_name, folder) as process:
        show_links(settings, tokens)
        await process.wait()
    tell(LEFT.format(log=folder / "colleagues.log"))


def show_links(settings: Settings, tokens: LoginTokens) -> None:
    """Print the links."""
    tell("\n" + welcome(links_of(settings, tokens)) + "\n")


def links_of(settings: Settings, tokens: LoginTokens) -> list[tuple[str, str]]:
    """Return a link for each newcomer. All of it stands after the hash, which is never sent to a server.

    It carries the password too, which everybody knows: what opens a person's secrets is derived from it.
    """
    found = []
    for number, address in zip(NEWCOMERS, settings.listen, strict=False):
        token = tokens.issue(user_id(number, settings.server_name), LINK_LIFETIME_MS)
        found.append((number, f"http://{address}/#/enter/{token}?password={PASSWORD}"))
    return found
