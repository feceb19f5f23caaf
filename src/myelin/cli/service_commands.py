"""`myelin service …`: accounts of the hospital's services."""

from __future__ import annotations

import argparse

from myelin.actions.passwords import Ending
from myelin.actions.services import TITLE_LIMIT_BYTES, add_service, deactivate_service, set_service_password
from myelin.cli.passwords import read_password
from myelin.cli.user_commands import moment, run
from myelin.matrix.errors import InvalidParam, InvalidUsername
from myelin.matrix.reserved_names import RESERVED
from myelin.matrix.sign_in_names import sign_in_user_id
from myelin.projections.services import ServiceReader
from myelin.settings import Settings
from myelin.wiring.foundation import Foundation

Options = argparse.Namespace


def add_new_service(settings: Settings, options: Options) -> int:
    """Make the account of a service; the password is asked before anything is opened."""
    user_id, title = service_id(settings, options.name), checked_title(options.title)
    password = read_password(options.password_stdin)

    async def work(built: Foundation) -> None:
        await built.pool.submit(add_service(user_id, title, await built.sign_ins.hashing.hash(password)))
        print(f"{user_id} can sign in; everybody sees it as {title}.")

    return run(settings, work)


def change_service_password(settings: Settings, options: Options) -> int:
    """Give a service another password; sessions end only where that was asked for."""
    user_id, password = service_id(settings, options.name), read_password(options.password_stdin)
    ending = Ending() if options.sign_out else None

    async def work(built: Foundation) -> None:
        hashed = await built.sign_ins.hashing.hash(password)
        ended = await built.pool.submit(set_service_password(user_id, hashed, ending))
        print(f"{user_id} has a new password; {ended} sessions ended.")

    return run(settings, work)


def close_service(settings: Settings, options: Options) -> int:
    """Close the account of a service: its sessions end and its rooms are left before the command returns."""
    user_id = service_id(settings, options.name)

    async def work(built: Foundation) -> None:
        await built.pool.submit(deactivate_service(user_id))
        await built.departures.leave_all(built.pool.submit)
        print(f"{user_id} is closed; its sessions have ended.")

    return run(settings, work)


def list_services(settings: Settings, _options: Options) -> int:
    """List the services with their titles, and when each was last alive."""

    async def work(built: Foundation) -> None:
        services = await ServiceReader(built.reads).services()
        alive = await built.sign_ins.last_seen.latest([service.user_id for service in services])
        for service in services:
            print(f"{service.user_id}\t{service.title}\t{moment(alive.get(service.user_id))}")

    return run(settings, work)


def service_id(settings: Settings, name: str) -> str:
    """Return the user id of a service; its name may be typed without the underscore that it begins with."""
    reserved = name if name.startswith(("@", RESERVED)) else RESERVED + name
    user_id = sign_in_user_id(reserved, settings.server_name)
    if user_id is None:
        raise InvalidUsername(f"{name!r} is no name of a service of {settings.server_name}")
    return user_id


def checked_title(title: str) -> str:
    """Return a title; `InvalidParam` where it is empty or too long."""
    title = title.strip()
    if not title or len(title.encode()) > TITLE_LIMIT_BYTES:
        raise InvalidParam(f"a title has 1 to {TITLE_LIMIT_BYTES} bytes")
    return title
