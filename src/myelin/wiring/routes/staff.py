"""Looking people and services up, who is on duty, and whom a department's room does not reach yet."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.api.myelin.directory import DirectoryEndpoints
from myelin.api.myelin.duty import DutyEndpoint
from myelin.api.myelin.reachability import Reachability
from myelin.api.myelin.services import Services
from myelin.api.myelin.stations import Stations
from myelin.api.user_data.user_directory import UserDirectory
from myelin.http.routes import Route
from myelin.projections.directory_rooms import RemainingDirectoryRooms
from myelin.projections.services import ServiceReader
from myelin.projections.stations import StationReader
from myelin.wiring.clock import clock_ms
from myelin.wiring.foundation import Foundation
from myelin.wiring.staff import people_of


def staff_routes(built: Foundation) -> Iterator[Route]:
    """Yield the search for people, who is on duty, services, and who is not reachable yet."""
    people, known_people = people_of(built.reads, built.followers)
    yield from DirectoryEndpoints(people, known_people).routes()
    yield from DutyEndpoint(built.duty, people, built.directory.reader, clock_ms).routes()
    yield from UserDirectory(people, known_people).routes()
    yield from Services(ServiceReader(built.reads), built.sign_ins.last_seen, built.settings.link_hosts).routes()
    yield from Stations(StationReader(built.reads)).routes()
    yield from Reachability(built.readers.views, RemainingDirectoryRooms(built.reads)).routes()
