"""Rooms of which there is one for each purpose, and the names under which they are found."""

from __future__ import annotations

from myelin.state.room import Room

ANNOUNCEMENTS = "announcements"


def of_department(department_id: str) -> str:
    """Return the name of the one room of a department."""
    return f"department {department_id}"


def feed_of(service: str, user_id: str, feed: str) -> str:
    """Return the name of the one room in which a service sends a person what is of one feed."""
    return f"feed {feed} {service} {user_id}"


def designation_of(room: Room) -> str | None:
    """Return the purpose that a room serves by what it is, None for most; a feed also needs its person."""
    if room.kind == "department" and room.department is not None:
        return of_department(room.department)
    return ANNOUNCEMENTS if room.is_announcements else None
