"""A proposal: what an action wants to happen, decided on the state it is given.

It does no I/O, reads no clock and awaits nothing, so it can be asked again on a newer state.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from myelin.state.kinship import Kinship

if TYPE_CHECKING:
    from myelin.append.turn import Turn

Answer = TypeVar("Answer")


class Lane(Enum):
    """Who waits for whom: people first, bulk only while nobody waits."""

    PEOPLE = "people"
    BULK = "bulk"


class Needs(msgspec.Struct, frozen=True):
    """What a proposal will ask of its turn, so that a batch can load it together; what is left out is loaded singly."""

    users: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    children: tuple[Kinship, ...] = ()


class Proposal(msgspec.Struct, Generic[Answer], frozen=True):
    """`propose` reads the state through its turn, emits entries, and returns the answer or raises a refusal.

    `key` is the idempotency key: a second proposal with the same key gets the first one's answer. `again` makes
    that answer from the event id that the first one was given ("" for other kinds).
    """

    propose: Callable[[Turn], Answer]
    lane: Lane = Lane.PEOPLE
    key: bytes | None = None
    again: Callable[[str], Answer] | None = None
    needs: Needs | None = None
