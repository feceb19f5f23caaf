"""`myelin directory …`: people from files, beside a running server or without one."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Iterator
from pathlib import Path

from myelin.actions.directory import plan_directory
from myelin.cli.activation import issue_codes, issue_one_code, write_slips
from myelin.cli.user_commands import named, run
from myelin.directory.comparison import plan_of
from myelin.directory.people_file import read_people
from myelin.entries.directory_plan import DirectoryPlan
from myelin.projections.directory import Directory
from myelin.settings import Settings
from myelin.wiring.foundation import Foundation

Options = argparse.Namespace
SHOWN = 20
MANY = 0.05
DEPARTMENT_ID_BYTES = 8


class NotConfirmed(Exception):
    """Nothing was changed."""


class TooManyLeaving(Exception):
    """A list that leaves out so many people is more often a mistake than the truth; `--allow-many` says it is not."""


def import_directory(settings: Settings, options: Options) -> int:
    """Make the directory what a file says, after saying what that changes."""
    people = read_people(options.file, settings.server_name)

    async def work(built: Foundation) -> None:
        await built.directory.carrying.settled()
        now, former = await built.directory.reader.directory(), await built.directory.reader.former_people()
        plan = plan_of(now, people, former, options.full, lambda: secrets.token_hex(DEPARTMENT_ID_BYTES))
        if plan.is_empty:
            print("The directory is as the file says; nothing changes.")
        else:
            check_leaving(plan, now, options.allow_many)
            print("\n".join(changes(plan, now)))
            confirm(options.yes)
            await built.pool.submit(plan_directory(plan, options.file.name))
            await built.directory.carrying.settled()
            print("Done.")
        if options.codes is not None:
            slips = await issue_codes(built, people)
            write_slips(options.codes, slips, settings.public_url, settings.activation_days)
            print(f"{len(slips)} activation codes are in {options.codes}; they are shown nowhere else.")

    return run(settings, work)


def new_code(settings: Settings, options: Options) -> int:
    """Print a new activation code for one person; an earlier one is void."""
    user_id = named(settings, options)

    async def work(built: Foundation) -> None:
        print(await issue_one_code(built, user_id))

    return run(settings, work)


def check_leaving(plan: DirectoryPlan, now: Directory, allow_many: bool) -> None:
    """Raise where the list lets more people go than mistakes should."""
    if not allow_many and len(plan.leaving) > MANY * len(now.people):
        raise TooManyLeaving(
            f"{len(plan.leaving)} of {len(now.people)} people are missing from the file and would leave; "
            "if that is meant, say --allow-many"
        )


def confirm(is_confirmed: bool) -> None:
    """Ask whether to go on, unless that was said already."""
    if not is_confirmed and input("Carry this out? [y/N] ").strip().lower() not in ("y", "yes"):
        raise NotConfirmed(NotConfirmed.__doc__)


def changes(plan: DirectoryPlan, now: Directory) -> Iterator[str]:
    """Yield what a plan changes, in words."""
    new = [person for person in plan.people if person.user_id not in now.people]
    changed = [person for person in plan.people if person.user_id in now.people]
    departments = [item for item in plan.departments if item.department_id not in now.departments]
    renamed = [item for item in plan.departments if item.department_id in now.departments]
    yield from listed("departments are new", [item.name for item in departments])
    yield from listed(
        "departments are renamed or moved",
        [f"{now.departments[item.department_id].path} -> {item.name}" for item in renamed],
    )
    yield from listed("departments go", [now.departments[name].path for name in plan.removed_departments])
    yield from listed("people are new", [f"{person.body.employee_number} {person.display_name}" for person in new])
    yield from listed("people change", [f"{person.body.employee_number} {person.display_name}" for person in changed])
    yield from listed("people leave", [now.people[name].display_name for name in plan.leaving])


def listed(what: str, items: list[str]) -> Iterator[str]:
    """Yield a heading with a count, and the first of the items."""
    if not items:
        return
    yield f"{len(items)} {what}:"
    yield from (f"  {item}" for item in items[:SHOWN])
    if len(items) > SHOWN:
        yield f"  ... and {len(items) - SHOWN} more"


def add_directory_options(command: argparse.ArgumentParser) -> None:
    """Add what `myelin directory import` takes."""
    command.add_argument("file", type=Path, metavar="FILE", help="CSV (UTF-8 or GB18030) or XLSX")
    command.add_argument("--yes", action="store_true", help="do not ask before carrying it out")
    command.add_argument("--full", action="store_true", help="the file lists everybody: whoever is missing leaves")
    command.add_argument("--allow-many", action="store_true", help="let more than 5 %% leave")
    command.add_argument("--codes", type=Path, metavar="FILE", help="write activation codes as printable slips (HTML)")
