"""Looking people up, and who is on duty."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.api.myelin.directory import DirectoryEndpoints
from myelin.api.myelin.duty import DutyEndpoint
from myelin.api.user_data.user_directory import UserDirectory
from myelin.http.routes import Route
from myelin.wiring.clock import clock_ms
from myelin.wiring.foundation import Foundation
from myelin.wiring.staff import people_of


def staff_routes(built: Foundation) -> Iterator[Route]:
    """Yield the search for people, and who is on duty."""
    people, known_people = people_of(built.reads, built.followers)
    yield from DirectoryEndpoints(people, known_people, built.directory.reader).routes()
    yield from DutyEndpoint(built.duty, built.directory.reader, clock_ms).routes()
    yield from UserDirectory(people, known_people).routes()
