"""`myelin serve | user | service | station | log | demo`: what may be typed, and what it calls."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import uvloop

from myelin.append.pool import LogWentBack
from myelin.cli.activation import CodesNotWritten
from myelin.cli.directory_commands import (
    DirectoryMoved,
    NotConfirmed,
    TooManyLeaving,
    add_directory_options,
    import_directory,
    new_code,
)
from myelin.cli.duty_commands import import_duties, show_duties
from myelin.cli.log_commands import check_log, rebuild_log
from myelin.cli.passwords import PasswordNotGiven
from myelin.cli.service_commands import add_new_service, change_service_password, close_service, list_services
from myelin.cli.station_commands import add_new_station, change_station_password, close_station, list_stations
from myelin.cli.user_commands import add_user, deactivate_user, list_sessions, set_user_password, sign_out_user
from myelin.demo import demo, reset_demo
from myelin.directory.faults import FaultyFile
from myelin.engine import EngineError
from myelin.main import serve
from myelin.matrix.errors import MatrixError
from myelin.schema.migrate import SchemaTooNew
from myelin.settings import Settings, SettingsError, load_settings

CONFIG = Path("myelin.toml")
# What a person can mend: the sentence is enough, a traceback would hide it.
MENDABLE = (
    SettingsError,
    EngineError,
    SchemaTooNew,
    MatrixError,
    PasswordNotGiven,
    LogWentBack,
    FaultyFile,
    NotConfirmed,
    TooManyLeaving,
    DirectoryMoved,
    CodesNotWritten,
)

Options = argparse.Namespace
Command = Callable[[Settings, Options], int]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit with its code: 0 done, 1 refused or faulty, 2 not understood."""
    options = parser().parse_args(arguments)
    try:
        settings = load_settings(config_file(options.config), os.environ)
        code = options.command(settings, options)
    except MENDABLE as fault:
        sys.exit(f"myelin: {fault}")
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def config_file(given: Path | None) -> Path | None:
    """Return the settings file: the one that was named, else `myelin.toml` where there is one."""
    return given or (CONFIG if CONFIG.exists() else None)


def parser() -> argparse.ArgumentParser:
    """Return everything that may be typed."""
    top = argparse.ArgumentParser(prog="myelin", description="The messenger that a hospital runs itself.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    add(commands, "serve", "run the server until Ctrl-C", lambda settings, _: run_server(settings))
    add_user_commands(commands)
    add_directory_commands(commands)
    add_duty_commands(commands)
    add_service_commands(commands)
    add_station_commands(commands)
    add_log_commands(commands)
    add_demo(commands)
    return top


def add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, what: str, command: Command
) -> argparse.ArgumentParser:
    """Add a command; each takes the settings file."""
    added = commands.add_parser(name, help=what, description=what)
    added.add_argument("--config", type=Path, metavar="FILE", help="settings, by default myelin.toml where it exists")
    added.set_defaults(command=command)
    return added


def add_user_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    user = commands.add_parser("user", help="people and their sessions").add_subparsers(required=True, metavar="WHAT")
    for name, what, command in (
        ("add", "make an account", add_user),
        ("password", "give an account a new password; its sessions go on", set_user_password),
        ("deactivate", "close an account for ever", deactivate_user),
        ("sessions", "list the sessions of an account", list_sessions),
        ("sign-out", "end sessions of an account", sign_out_user),
    ):
        added = add(user, name, what, command)
        added.add_argument("name", metavar="NAME", help="the employee number, or the whole user id")
        if command in (add_user, set_user_password):
            added.add_argument("--password-stdin", action="store_true", help="read the password, one line, from stdin")
        if command is set_user_password:
            added.add_argument("--sign-out", action="store_true", help="end all sessions too")
        if command is sign_out_user:
            added.add_argument("--device", action="append", metavar="ID", help="only this session; may be repeated")


def add_directory_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    directory = commands.add_parser("directory", help="departments and people").add_subparsers(
        required=True, metavar="WHAT"
    )
    add_directory_options(add(directory, "import", "make the directory what a file says", import_directory))
    added = add(directory, "code", "print a new activation code for one person", new_code)
    added.add_argument("name", metavar="NUMBER", help="the employee number")


def add_duty_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    duty = commands.add_parser("duty", help="who is on duty").add_subparsers(required=True, metavar="WHAT")
    added = add(duty, "import", "put a file's shifts and fallbacks in place of what stood there before", import_duties)
    added.add_argument("file", type=Path, metavar="FILE", help="CSV (UTF-8 or GB18030) or XLSX; times in Asia/Shanghai")
    added = add(duty, "show", "print who answers now", show_duties)
    added.add_argument("role", nargs="?", metavar="ROLE", help="only for this role")


def add_service_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    service = commands.add_parser("service", help="accounts of the hospital's services").add_subparsers(
        required=True, metavar="WHAT"
    )
    add(service, "list", "list the services, and when each was last alive", list_services)
    for name, what, command in (
        ("add", "make the account of a service", add_new_service),
        ("password", "give a service a new password; its sessions go on", change_service_password),
        ("deactivate", "close the account of a service for ever", close_service),
    ):
        added = add(service, name, what, command)
        added.add_argument("name", metavar="NAME", help="its name, such as lab (_lab in full), or the whole user id")
        if command is add_new_service:
            added.add_argument("--title", required=True, help="what everybody sees, such as 检验科")
        if command is not close_service:
            added.add_argument("--password-stdin", action="store_true", help="read the password, one line, from stdin")
        if command is change_service_password:
            added.add_argument("--sign-out", action="store_true", help="end all sessions too")


def add_station_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    station = commands.add_parser("station", help="computers of wards that stay signed in").add_subparsers(
        required=True, metavar="WHAT"
    )
    add(station, "list", "list the stations, and when each was last alive", list_stations)
    for name, what, command in (
        ("add", "make the account of a station", add_new_station),
        ("password", "give a station a new password; its sessions end", change_station_password),
        ("deactivate", "close the account of a station for ever", close_station),
    ):
        added = add(station, name, what, command)
        added.add_argument("name", metavar="NAME", help="what everybody sees, such as 护士站-心内科")
        if command is add_new_station:
            added.add_argument("--department", required=True, metavar="PATH", help="such as 内科系统/心内科")
        if command is not close_station:
            added.add_argument("--password-stdin", action="store_true", help="read the password, one line, from stdin")


def add_log_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    log = commands.add_parser("log", help="the log, checked and projected").add_subparsers(
        required=True, metavar="WHAT"
    )
    add(log, "check", "verify order, hashes, signatures and projections of the whole log", check_log)
    added = add(log, "rebuild", "make the projections anew from the log, beside a running server or not", rebuild_log)
    added.add_argument("--compare", action="store_true", help="only say in what the projections differ from the log")


def add_demo(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    added = add(commands, "demo", "run a hospital with a dozen staff on this machine", run_demo)
    added.add_argument("--reset", action="store_true", help="forget what the demo has stored, and run nothing")


def run_server(settings: Settings) -> int:
    try:
        uvloop.run(serve(settings))
    except ExceptionGroup as faults:
        if faults.subgroup(LogWentBack) is None:
            raise
        raise LogWentBack(LogWentBack.__doc__) from None
    return 0


def run_demo(settings: Settings, options: Options) -> int:
    if options.reset:
        return reset_demo(settings)
    uvloop.run(demo(settings))
    return 0
