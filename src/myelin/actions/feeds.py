"""Feeds: the one room in which a service of the hospital tells a person critical values, reports or notices.

Nobody is asked whether they want to join: a critical value never waits behind "accept".
"""

from __future__ import annotations

from collections.abc import Callable

from myelin.actions.members import check_invitable, member_content
from myelin.actions.sender import Sender
from myelin.append.room_events import NewEvent
from myelin.append.turn import Turn
from myelin.matrix.errors import Forbidden
from myelin.matrix.json import JsonObject
from myelin.matrix.reserved_names import is_reserved, is_station
from myelin.state.designations import feed_of
from myelin.state.room import Room


def open_feed(turn: Turn, service: Sender, person: str, feed: str, make: Callable[[], Room]) -> str:
    """Return the room of this service, person and feed with both of them in it; `make` makes it where there is none."""
    check_invitable(turn, person)
    if is_reserved(person) and not is_station(person):
        raise Forbidden("a feed is for a person or a station, not for a service")
    designated = turn.designated_room(feed_of(service.user_id, person, feed))
    known = turn.room(designated) if designated is not None else None
    # Where the service itself has left, or had the person banned, that room is of no use any more.
    if known is None or known.membership(service.user_id) != "join" or known.membership(person) == "ban":
        known = make()
    admit(turn, known, service, person)
    return known.room_id


def admit(turn: Turn, room: Room, service: Sender, person: str) -> None:
    """Emit the invitation and the person's own join, as far as they are not in the room already."""
    if room.membership(person) == "join":
        return
    if room.membership(person) != "invite":
        invitation = {**member_content(turn, person, "invite"), "is_direct": True}
        turn.send(room.room_id, by_server(service.user_id, person, invitation, service.device_id))
    turn.send(room.room_id, by_server(person, person, member_content(turn, person, "join")))


def by_server(sender: str, user_id: str, content: JsonObject, device_id: str | None = None) -> NewEvent:
    """Return a member event that the server builds for somebody."""
    return NewEvent(
        type="m.room.member", sender=sender, state_key=user_id, content=content, device_id=device_id, by_server=True
    )
