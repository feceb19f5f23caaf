"""`myelin-gateway serve | check`: what may be typed, and what it calls."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from myelin_gateway.cli.checking import findings
from myelin_gateway.delivery import open_store
from myelin_gateway.main.gateway import OpenStore, serve
from myelin_gateway.main.settings import Settings, SettingsError, load_settings
from myelin_gateway.matrix import FolderInUse


def main(arguments: Sequence[str] | None = None, open_store: OpenStore = open_store) -> int:
    """Do what is typed, and return how it ended; tests bring a store of their own."""
    options = parser().parse_args(arguments)
    try:
        settings = load_settings(options.config, os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    folder = options.config.absolute().parent
    if options.command == "check":
        return run_check(settings, folder)
    return run_gateway(settings, folder, open_store)


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(prog="myelin-gateway", description="Between the hospital's systems and its people.")
    commands = root.add_subparsers(required=True, dest="command")
    for name, what in (("serve", "run the gateway"), ("check", "say what of the settings cannot work")):
        added = commands.add_parser(name, help=what)
        added.add_argument("--config", type=Path, default=Path("gateway.toml"), help="the settings (gateway.toml)")
    return root


def run_gateway(settings: Settings, folder: Path, open_store: OpenStore) -> int:
    """Run until SIGTERM or SIGINT; 1 where something stands in the way."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    # They name people and devices.
    for chatty in ("nio", "httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    wrong = [each for each in findings(settings, folder) if each.is_fatal]
    for each in wrong:
        print(each.sentence, file=sys.stderr)
    if wrong:
        return 1
    try:
        asyncio.run(until_told(settings, folder, open_store))
    except (FolderInUse, OSError) as error:
        print(f"The gateway cannot start: {error}", file=sys.stderr)
        return 1
    return 0


async def until_told(settings: Settings, folder: Path, open_store: OpenStore) -> None:
    stopped = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    await serve(settings, folder, stopped, lambda: print("The gateway listens.", flush=True), open_store)


def run_check(settings: Settings, folder: Path) -> int:
    """Say everything that cannot work, or that somebody should know; 1 where the gateway would not start."""
    found = findings(settings, folder)
    for each in found:
        print(f"{'ERROR' if each.is_fatal else 'note '} {each.sentence}")
    if not found:
        print("Everything that can be checked without the homeserver is well.")
    return 1 if any(each.is_fatal for each in found) else 0
