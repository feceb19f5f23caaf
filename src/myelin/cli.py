"""The command line."""

from __future__ import annotations

import os
import sys

import uvloop

from myelin.main import serve
from myelin.settings import SettingsError, load_settings


def main() -> None:
    """Run `myelin serve`."""
    try:
        settings = load_settings(None, os.environ)
    except SettingsError as error:
        sys.exit(str(error))
    uvloop.run(serve(settings))
