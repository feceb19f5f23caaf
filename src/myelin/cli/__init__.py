"""The command line: parses what was typed, calls `main`, and says in one sentence what went wrong."""

from myelin.cli.command_line import main

__all__ = ["main"]
