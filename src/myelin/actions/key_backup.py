"""Versions of a key backup (client-server API, "Server-side key backups"): made, signed anew, deleted."""

from __future__ import annotations

from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import KeyBackupChanged
from myelin.stores.key_backup import Backup


def create_backup(sender: Sender, algorithm: str, auth_data: str) -> Proposal[int]:
    """Propose a new backup, which becomes the current one; the answer is its version."""

    def propose(turn: Turn) -> int:
        # The position of its entry: no two are equal, and the newest is the largest.
        version = turn.next_position
        record(turn, sender, version, "created", algorithm, auth_data)
        return version

    return Proposal(propose)


def sign_backup(sender: Sender, backup: Backup, auth_data: str) -> Proposal[None]:
    """Propose other `auth_data` for a backup."""

    def propose(turn: Turn) -> None:
        record(turn, sender, backup.version, "signed", backup.algorithm, auth_data)

    return Proposal(propose)


def delete_backup(sender: Sender, backup: Backup) -> Proposal[None]:
    """Propose that a backup is deleted with all its keys."""

    def propose(turn: Turn) -> None:
        record(turn, sender, backup.version, "deleted", backup.algorithm, backup.auth_data)

    return Proposal(propose)


def drop_backups(turn: Turn, user_id: str) -> None:
    """Have all backups of a person who goes deleted in the same transaction."""
    turn.write("gone_backups", user_id=user_id)


def record(turn: Turn, sender: Sender, version: int, change: str, algorithm: str, auth_data: str) -> None:
    facts = KeyBackupChanged(str(version), change)
    entry = turn.emit(Draft(facts=facts, sender=sender.user_id, device_id=sender.device_id))
    turn.write(
        "key_backups",
        user_id=sender.user_id,
        version=version,
        algorithm=algorithm,
        auth_data=auth_data,
        deleted=change == "deleted",
        position=entry.position,
    )
