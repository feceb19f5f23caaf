"""Who works here, and who is on duty."""

from __future__ import annotations

import asyncpg

from myelin.append.followers import Followers
from myelin.projections.directory import DirectoryReader
from myelin.projections.known_people import KnownPeople
from myelin.staff.people import People


def people_of(reads: asyncpg.Pool, followers: Followers) -> tuple[People, KnownPeople]:
    """Build the index of people; the log keeps it current."""
    known_people = KnownPeople(reads)
    people = People(known_people, DirectoryReader(reads))
    followers.add(people.published)
    return people, known_people
