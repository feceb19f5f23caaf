"""The rooms that follow the directory, the hospital's services, and who may make which other rooms."""

from __future__ import annotations

import asyncpg

from myelin.actions.directory_membership import Announcements
from myelin.actions.directory_rooms import DirectoryRooms
from myelin.matrix.room_versions import room_version
from myelin.policy.audience import audience_of, user_ids_of
from myelin.policy.policy import Policy
from myelin.projections.directory_rooms import RemainingDirectoryRooms
from myelin.settings import Settings


def policy_of(settings: Settings) -> Policy:
    """Return what the site has chosen."""
    name = settings.server_name
    return Policy(
        require_encryption=settings.require_encryption,
        recall_limit_ms=settings.recall_limit_seconds * 1000 or None,
        create_groups=audience_of(settings.create_groups, name),
        create_patient_rooms=audience_of(settings.create_patient_rooms, name),
        create_broadcasts=audience_of(settings.create_broadcasts, name),
    )


def directory_rooms(settings: Settings, reads: asyncpg.Pool) -> DirectoryRooms:
    """Build what keeps the rooms of the directory."""
    title, announcers = settings.announcements, user_ids_of(settings.announcers, settings.server_name)
    announcements = Announcements(title, announcers) if title is not None else None
    return DirectoryRooms(RemainingDirectoryRooms(reads), announcements, room_version(settings.room_version))
