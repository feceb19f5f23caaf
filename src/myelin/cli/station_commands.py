"""`myelin station …`: the computers of wards that stay signed in."""

from __future__ import annotations

import argparse

from myelin.actions.stations import NewStation, add_station, deactivate_station, set_station_password
from myelin.cli.passwords import read_password
from myelin.cli.service_commands import checked_title
from myelin.cli.user_commands import moment, run
from myelin.matrix.errors import InvalidUsername, NotFound
from myelin.matrix.reserved_names import STATION
from myelin.matrix.sign_in_names import sign_in_user_id
from myelin.projections.directory import DirectoryReader
from myelin.projections.stations import StationReader
from myelin.settings import Settings
from myelin.wiring.foundation import Foundation

Options = argparse.Namespace


def add_new_station(settings: Settings, options: Options) -> int:
    """Make the account of a station; the password is asked before anything is opened."""
    title = checked_title(options.name)
    user_id, password = station_id(settings, title), read_password(options.password_stdin)

    async def work(built: Foundation) -> None:
        department_id = await department_of(built.directory.reader, options.department)
        hashed = await built.sign_ins.hashing.hash(password)
        await built.pool.submit(add_station(NewStation(user_id, title, department_id), hashed))
        print(f"{title} can sign in, with this in place of an employee number: {STATION}{title}")

    return run(settings, work)


def change_station_password(settings: Settings, options: Options) -> int:
    """Give a station another password and end its sessions: somebody must sign it in again."""
    user_id, password = station_id(settings, options.name), read_password(options.password_stdin)

    async def work(built: Foundation) -> None:
        hashed = await built.sign_ins.hashing.hash(password)
        ended = await built.pool.submit(set_station_password(user_id, hashed))
        print(f"{options.name} has a new password; {ended} sessions ended.")

    return run(settings, work)


def close_station(settings: Settings, options: Options) -> int:
    """Close the account of a station: its sessions end and its rooms are left before the command returns."""
    user_id = station_id(settings, options.name)

    async def work(built: Foundation) -> None:
        await built.pool.submit(deactivate_station(user_id))
        await built.departures.leave_all(built.pool.submit)
        print(f"{options.name} is closed; its sessions have ended.")

    return run(settings, work)


def list_stations(settings: Settings, _options: Options) -> int:
    """List the stations with their departments, and when each was last alive."""

    async def work(built: Foundation) -> None:
        stations = await StationReader(built.reads).stations()
        alive = await built.sign_ins.last_seen.latest([station.user_id for station in stations])
        paths = {each.department_id: each.path for each in await built.directory.reader.departments()}
        for station in stations:
            department = paths.get(station.department_id, "-")
            print(f"{station.title}\t{department}\t{moment(alive.get(station.user_id))}")

    return run(settings, work)


def station_id(settings: Settings, title: str) -> str:
    """Return the user id of a station by its title."""
    named = title if title.startswith(STATION) else STATION + title
    user_id = sign_in_user_id(named, settings.server_name)
    if user_id is None:
        raise InvalidUsername(f"{title!r} is too long for the name of a station")
    return user_id


async def department_of(directory: DirectoryReader, path: str) -> str:
    """Return the id of the department at a path; `NotFound` where there is none."""
    for department in await directory.departments():
        if department.path == path:
            return department.department_id
    raise NotFound(f"there is no department {path}; name it with its path, such as 内科系统/心内科")
