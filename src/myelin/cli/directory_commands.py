"""`myelin directory …`: people from files, beside a running server or without one."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path

from myelin.actions.directory import plan_directory
from myelin.cli.activation import check_new, issue_codes, issue_one_code
from myelin.cli.user_commands import named, run
from myelin.directory.comparison import DEPARTMENT_ID_BYTES, plan_of
from myelin.directory.people_file import ListedPerson, read_people
from myelin.entries.directory_plan import DirectoryPlan, PlannedPerson
from myelin.matrix.errors import Overtaken
from myelin.projections.directory import Directory, Person
from myelin.settings import Settings
from myelin.wiring.foundation import Foundation

Options = argparse.Namespace
SHOWN = 20
MANY = 0.05
ADOPTED = "accounts that were there already become these people's, with the passwords they have"


class NotConfirmed(Exception):
    """Nothing was changed."""


class TooManyLeaving(Exception):
    """A list that leaves out so many people is more often a mistake than the truth; `--allow-many` says it is not."""


class DirectoryMoved(Exception):
    """Somebody else has changed the directory meanwhile, so nothing was changed here; import the file again."""


def import_directory(settings: Settings, options: Options) -> int:
    """Make the directory what a file says, after saying what that changes."""
    if options.codes is not None:
        check_new(options.codes)
    people = read_people(options.file, settings.server_name)

    async def work(built: Foundation) -> None:
        await carry_out(built, people, options)
        if options.codes is not None:
            print(await issue_codes(built, people, options.codes))

    return run(settings, work)


async def carry_out(built: Foundation, people: Sequence[ListedPerson], options: Options) -> None:
    """Make the directory what the list says; return when all of it has happened."""
    reader, carrying = built.directory.reader, built.directory.carrying
    await carrying.settled()
    # Before the directory: what is planned after this was read makes the basis an old one.
    basis = await reader.latest_plan()
    now, former = await reader.directory(), await reader.former_people()
    plan = plan_of(now, people, former, options.full, lambda: secrets.token_hex(DEPARTMENT_ID_BYTES))
    if plan.is_empty:
        print("The directory is as the file says; nothing changes.")
        return
    check_leaving(plan, now, options.allow_many)
    print("\n".join((*changes(plan, now), *listed(ADOPTED, await reader.strangers(ids_of(plan))))))
    confirm(options.yes)
    try:
        await built.pool.submit(plan_directory(plan, options.file.name, basis))
    except Overtaken:
        raise DirectoryMoved(DirectoryMoved.__doc__) from None
    await carrying.settled()
    print("Done.")


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
    """Ask whether to go on, unless that was said already; where nobody can be asked, that is a no."""
    if is_confirmed:
        return
    try:
        answer = input("Carry this out? [y/N] ").strip().lower()
    except EOFError:
        answer = ""
    if answer not in ("y", "yes"):
        raise NotConfirmed(NotConfirmed.__doc__)


def ids_of(plan: DirectoryPlan) -> list[str]:
    return [person.user_id for person in plan.people]


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
    yield from listed("people change", [change(now.people[person.user_id], person) for person in changed])
    leaving = [now.people[name] for name in plan.leaving]
    yield from listed("people leave", [f"{person.employee_number} {person.display_name}" for person in leaving])


def change(before: Person, person: PlannedPerson) -> str:
    """Return what changes of a person: their name, or else what the name does not show."""
    if before.display_name != person.display_name:
        return f"{before.employee_number} {before.display_name} -> {person.display_name}"
    further = tuple(zip(person.further, person.body.further_titles, strict=True))
    parts = {
        "department": before.department_id != person.department_id,
        "profession": before.profession != person.profession,
        "phone": before.phone != person.body.phone,
        "further posts": before.further != further,
    }
    return f"{before.employee_number} {before.display_name}: {', '.join(part for part in parts if parts[part])}"


def listed(what: str, items: Sequence[str]) -> Iterator[str]:
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
