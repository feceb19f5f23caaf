"""`myelin duty …`: who is on duty, from files, beside a running server or without one."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from myelin.actions.duty import plan_duty
from myelin.cli.user_commands import run
from myelin.directory.duty_file import read_duties
from myelin.directory.duty_planning import duty_plan_of, named, report, shown
from myelin.matrix.errors import NotFound
from myelin.projections.directory import Directory
from myelin.settings import Settings
from myelin.staff.duty import Duties, OnDuty
from myelin.wiring.clock import clock_ms
from myelin.wiring.foundation import Foundation

Options = argparse.Namespace
# Of what is only worth knowing; whoever has more of it mends the file first.
SHOWN = 200


def import_duties(settings: Settings, options: Options) -> int:
    """Put what a file says in place of what stood there before, and tell of gaps and overlaps."""
    listed = read_duties(options.file, settings.server_name)

    async def work(built: Foundation) -> None:
        directory, at = await built.directory.reader.directory(), clock_ms()
        now = await built.duty.current()
        plan = duty_plan_of(listed, directory, now, at)
        if plan.is_empty:
            print("Duties are as the file says; nothing changes.")
            return
        await built.pool.submit(plan_duty(plan, options.file.name))
        lines = list(report(plan, now.with_plan(plan), directory, at))
        print("\n".join(lines[:SHOWN]))
        if len(lines) > SHOWN:
            print(f"... and {len(lines) - SHOWN} more")
        print("Done.")

    return run(settings, work)


def show_duties(settings: Settings, options: Options) -> int:
    """Print who answers now, for one role or for all."""

    async def work(built: Foundation) -> None:
        at = clock_ms()
        duties = await built.duty.current()
        if options.role is not None and options.role not in duties.roles:
            raise NotFound(f"there is no role {options.role}")
        roles = sorted(duties.roles) if options.role is None else [options.role]
        directory = await built.directory.reader.directory()
        for answer in await built.duty.resolve_all(roles, at):
            print("\t".join(described(answer, duties, directory)))

    return run(settings, work)


def described(answer: OnDuty, duties: Duties, directory: Directory) -> Iterator[str]:
    """Yield the columns of a line: the role, who answers, until when, as whom, and when the roster ends."""
    yield answer.role
    yield named(answer.user_id, directory)
    yield f"until {shown(answer.until)}" if answer.until is not None else "no end known"
    yield "standing" if answer.is_standing else "by roster"
    yield f"as {answer.by_role}" if answer.is_fallback else f"line {' > '.join(duties.line(answer.role))}"
    ends = duties.timeline(answer.role).ends
    yield f"roster until {shown(ends)} (Asia/Shanghai)" if ends is not None else "no roster"
