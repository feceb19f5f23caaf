"""Who works here, and who is on duty."""

from __future__ import annotations

import asyncpg

from myelin.append.followers import Followers
from myelin.projections.directory import DirectoryReader
from myelin.projections.duty import DutyReader
from myelin.projections.known_people import KnownPeople
from myelin.settings import Settings
from myelin.staff.on_duty import Duty
from myelin.staff.people import People
from myelin.wiring.clock import clock_ms


def people_of(reads: asyncpg.Pool, followers: Followers) -> tuple[People, KnownPeople]:
    """Build the index of people; the log keeps it current."""
    known_people = KnownPeople(reads)
    people = People(known_people, DirectoryReader(reads))
    followers.add(people.published)
    return people, known_people


def duty_of(reads: asyncpg.Pool, followers: Followers, settings: Settings) -> Duty:
    """Build what resolves roles; the log keeps it current."""
    duty = Duty(DutyReader(reads), clock_ms, settings.duty_last_resort)
    followers.add(duty.published)
    return duty
