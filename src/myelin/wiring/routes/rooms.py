"""Rooms: made, joined, left, written to, read and found."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.actions.account_data import AccountDataChanges
from myelin.actions.followed_settings import FollowedSettings
from myelin.api.rooms.create_room import CreateRoom
from myelin.api.rooms.delayed_events import ManageDelayed
from myelin.api.rooms.delays import DelayLimits, Delays
from myelin.api.rooms.directory import Directory
from myelin.api.rooms.hierarchy import Hierarchy
from myelin.api.rooms.history import RoomHistory
from myelin.api.rooms.members import Members
from myelin.api.rooms.membership import Membership
from myelin.api.rooms.mutual_rooms import MutualRooms
from myelin.api.rooms.relations import RelatingEvents
from myelin.api.rooms.report import Reports
from myelin.api.rooms.send import Send
from myelin.api.rooms.state import State
from myelin.api.rooms.threads import ListThreads
from myelin.api.rooms.upgrade import UpgradeRooms
from myelin.http.routes import Route
from myelin.projections.account_data import AccountDataReader
from myelin.sync.spaces import Spaces
from myelin.wiring.clock import clock_ms
from myelin.wiring.foundation import Foundation


def room_routes(built: Foundation) -> Iterator[Route]:
    """Yield rooms: made, joined, left, written to, read and found."""
    pool, loading, readers, server_name = built.pool, built.loading, built.readers, built.settings.server_name
    views = readers.views
    yield from CreateRoom(pool, server_name, built.settings.room_version).routes()
    settings = followed_settings(built)
    yield from Membership(pool, loading, readers.directory, settings).routes()
    delays = delays_of(built)
    yield from Send(pool, delays).routes()
    yield from State(pool, views, readers.state, delays).routes()
    yield from delays.routes()
    yield from ManageDelayed(pool, built.delayed.events, clock_ms, built.delayed.sends.look_again).routes()
    yield from Members(views, readers.state).routes()
    yield from Hierarchy(loading, Spaces(built.reads, loading, readers.directory)).routes()
    yield from RoomHistory(views, readers.history).routes()
    yield from Reports(pool, views, readers.history).routes()
    yield from MutualRooms(loading).routes()
    yield from ListThreads(views, readers.threads).routes()
    yield from RelatingEvents(views, readers.relations).routes()
    yield from Directory(pool, loading, views, readers.directory, server_name).routes()
    yield from UpgradeRooms(pool, loading, readers.directory, settings).routes()


def delays_of(built: Foundation) -> Delays:
    """Build what takes down events that are to be sent later."""
    limits = DelayLimits(built.settings.delay_limit_seconds * 1000, built.settings.delayed_events_limit)
    events, sends, memory = built.delayed.events, built.delayed.sends, built.memory
    return Delays(events, limits, clock_ms, built.random, lambda: memory.head, sends.look_again)


def followed_settings(built: Foundation) -> FollowedSettings:
    """Build what has people's settings follow them to a room that replaces another."""
    reader = AccountDataReader(built.reads)
    return FollowedSettings(built.loading, reader.content, AccountDataChanges(built.pool, reader.read))
