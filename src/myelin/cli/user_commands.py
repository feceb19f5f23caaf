"""`myelin user …`: accounts and sessions, beside a running server or without one."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import uvloop

from myelin.actions.accounts import create_account, deactivate_account
from myelin.actions.passwords import Ending, set_password
from myelin.actions.sessions import sign_out, sign_out_everywhere
from myelin.cli.passwords import read_password
from myelin.main import at_work
from myelin.matrix.errors import InvalidUsername, NotFound
from myelin.matrix.sign_in_names import sign_in_user_id
from myelin.settings import Settings
from myelin.wiring.foundation import Foundation

Options = argparse.Namespace
REASON = "administrator"


def add_user(settings: Settings, options: Options) -> int:
    """Make an account; the password is asked before anything is opened."""
    user_id, password = named(settings, options), read_password(options.password_stdin)

    async def work(built: Foundation) -> None:
        await built.pool.submit(create_account(user_id, await built.sign_ins.hashing.hash(password), None))
        print(f"{user_id} can sign in.")

    return run(settings, work)


def set_user_password(settings: Settings, options: Options) -> int:
    """Give an account another password; sessions end only where that was asked for."""
    user_id, password = named(settings, options), read_password(options.password_stdin)
    ending = Ending() if options.sign_out else None

    async def work(built: Foundation) -> None:
        ended = await built.pool.submit(set_password(user_id, await built.sign_ins.hashing.hash(password), ending))
        print(f"{user_id} has a new password; {ended} sessions ended.")

    return run(settings, work)


def deactivate_user(settings: Settings, options: Options) -> int:
    """Close an account: its sessions end and its rooms are left before the command returns."""
    user_id = named(settings, options)

    async def work(built: Foundation) -> None:
        await built.pool.submit(deactivate_account(user_id, erase=False))
        await built.departures.leave_all(built.pool.submit)
        print(f"{user_id} is closed; its sessions have ended.")

    return run(settings, work)


def list_sessions(settings: Settings, options: Options) -> int:
    """List the devices of an account: id, when each was last seen (a server writes that every few minutes), name."""
    user_id = named(settings, options)

    async def work(built: Foundation) -> None:
        if await built.loading.user(user_id) is None:
            raise NotFound("there is no such account")
        seen = await built.sign_ins.last_seen.devices_of(user_id)
        for device in await built.sign_ins.accounts.devices(user_id):
            sighting = seen.get(device.device_id)
            at = moment(sighting.at if sighting is not None else None)
            print(f"{device.device_id}\t{at}\t{device.display_name or ''}")

    return run(settings, work)


def sign_out_user(settings: Settings, options: Options) -> int:
    """End the named sessions of an account, or all."""
    user_id = named(settings, options)

    async def work(built: Foundation) -> None:
        if await built.loading.user(user_id) is None:
            raise NotFound("there is no such account")
        if options.device:
            await built.pool.submit(sign_out(user_id, options.device, REASON))
            print(f"{user_id}: signed out of {', '.join(options.device)}.")
        else:
            ended = await built.pool.submit(sign_out_everywhere(user_id, REASON))
            print(f"{user_id}: {ended} sessions ended.")

    return run(settings, work)


def named(settings: Settings, options: Options) -> str:
    """Return the user id that a person meant."""
    user_id = sign_in_user_id(options.name, settings.server_name)
    if user_id is None:
        raise InvalidUsername(f"{options.name!r} is no employee number or user id of {settings.server_name}")
    return user_id


def run(settings: Settings, work: Callable[[Foundation], Awaitable[None]]) -> int:
    """Do one piece of work on the site's log, and return the exit code."""

    async def whole() -> None:
        async with at_work(settings) as built:
            await work(built)

    uvloop.run(whole())
    return 0


def moment(at: int | None) -> str:
    """Return a time in ms as people read it."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds") if at is not None else "never"
