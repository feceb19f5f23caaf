"""What the bench asks of one run of the load generator, and what it gets back: JSON on both sides of a pipe."""

from __future__ import annotations

from typing import Literal

import msgspec

Protocol = Literal["matrix", "xmpp"]


class Durations(msgspec.Struct, frozen=True):
    """How long each row is measured, in seconds, and how much is set up for it."""

    warm_up_s: float
    closed_s: float
    small_s: float
    """Rooms of 2 and of 50."""
    calm_s: float
    """The open loop at 10/s."""
    open_s: float
    """The open loop at 200/s."""
    receipts_s: float
    idle_s: float
    storm_s: float
    idle_clients: int
    idle_users: int
    sign_ins: int
    creations: int
    """Rooms created one after another, and joins."""
    rooms: int
    """Rooms of the initial sync."""


class Target(msgspec.Struct, frozen=True):
    """Where a running server answers, and which of its processes and files count."""

    server: str
    protocol: Protocol
    host: str
    port: int
    domain: str
    pid: int
    database_directories: tuple[str, ...]
    disk_paths: tuple[str, ...]


class Assignment(msgspec.Struct, frozen=True):
    """One run of the load generator: rows to measure, in this order, on one server."""

    target: Target
    rows: tuple[str, ...]
    durations: Durations
    core: int | None


class Figure(msgspec.Struct, frozen=True):
    """One measured number."""

    row: str
    name: str
    value: float


class Outcome(msgspec.Struct, frozen=True):
    """What one row gave: its figures, or why there are none."""

    row: str
    figures: tuple[Figure, ...]
    failure: str = ""
