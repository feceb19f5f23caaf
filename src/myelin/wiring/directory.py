"""The directory: who reads it, and who carries out what is planned for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from myelin.actions.departures import Departures
from myelin.actions.directory_carrying import DirectoryCarrying
from myelin.actions.profile_spread import ProfileSpread
from myelin.append.loading import Loading
from myelin.append.proposal import Proposal
from myelin.projections.directory import DirectoryReader


class DirectoryParts(msgspec.Struct, frozen=True):
    """What reads the directory, and what changes it."""

    reader: DirectoryReader
    carrying: DirectoryCarrying


def directory_parts(
    reader: DirectoryReader,
    submit: Callable[[Proposal[None]], Awaitable[Any]],
    loading: Loading,
    spread: ProfileSpread,
    departures: Departures,
) -> DirectoryParts:
    """Build them on an open database."""

    async def depart() -> None:
        await departures.leave_all(submit)

    return DirectoryParts(reader, DirectoryCarrying(reader, submit, loading.user, spread.spread, depart))
