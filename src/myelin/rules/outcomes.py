"""What an event is to one person: how it counts as unread, in a room that they have muted too."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from myelin.state.room import Room
from myelin.state.user import User

PersonalOutcomes = Sequence[tuple[str, int]]


class Outcome(IntEnum):
    """Nothing, a notification, a highlight; the loud ones stand above a muted room."""

    QUIET = 0
    NOTIFY = 1
    HIGHLIGHT = 2
    NOTIFY_LOUD = 3
    HIGHLIGHT_LOUD = 4

    @property
    def notifies(self) -> bool:
        return self is not Outcome.QUIET

    @property
    def highlights(self) -> bool:
        return self in (Outcome.HIGHLIGHT, Outcome.HIGHLIGHT_LOUD)

    @property
    def is_loud(self) -> bool:
        return self >= Outcome.NOTIFY_LOUD

    @property
    def where_muted(self) -> Outcome:
        """What is left of it in a muted room."""
        return self if self.is_loud else Outcome.QUIET


def audible(outcome: Outcome, user: User, room: Room) -> Outcome:
    """Return what is left of it for somebody who has muted or silenced the room; nobody silences a critical feed."""
    if room.feed == "critical":
        return outcome
    if user.all_silenced or room.room_id in user.silenced:
        return Outcome.QUIET
    return outcome.where_muted if room.room_id in user.muted else outcome


# By the class of an event: nothing, notify, highlight everybody.
OF_CLASS = (Outcome.QUIET, Outcome.NOTIFY, Outcome.HIGHLIGHT_LOUD)


def by_default(notice: int, is_named: bool) -> Outcome:
    """What the default rules make of an event, for a person who is named in clear or not."""
    return Outcome.HIGHLIGHT_LOUD if is_named else OF_CLASS[notice]


def outcome_for(user_id: str, notice: int, named: Sequence[str], personal: PersonalOutcomes) -> Outcome:
    """What an event is to a person who did not send it, by what its entry says."""
    for name, outcome in personal:
        if name == user_id:
            return Outcome(outcome)
    return by_default(notice, user_id in named)
