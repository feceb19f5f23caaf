"""A file is announced or uploaded: the log takes note of its hash, when the file itself is durable already."""

from __future__ import annotations

import msgspec

from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import MediaCreated, MediaUploaded
from myelin.matrix.errors import CannotOverwriteMedia, LimitExceeded, NotFound, QuotaReached
from myelin.state.user import User

# How long an id waits for its content, and how many of one person may wait.
EXPIRY_MS = 24 * 3600 * 1000
PENDING_LIMIT = 100


def create_media(sender: Sender, media_id: str) -> Proposal[int]:
    """Propose an id whose content comes later; the answer is until when it may come (ms)."""

    def propose(turn: Turn) -> int:
        pending = [expires_at for expires_at in uploader(turn, sender).pending_media.values() if expires_at > turn.at]
        if len(pending) >= PENDING_LIMIT:
            raise LimitExceeded(
                f"{PENDING_LIMIT} announced files wait for their content; upload some of them first",
                retry_after_ms=min(pending) - turn.at,
            )
        facts = MediaCreated(media_id, turn.at + EXPIRY_MS)
        turn.emit(Draft(facts=facts, sender=sender.user_id, device_id=sender.device_id))
        return facts.expires_at

    return Proposal(propose)


def upload_media(
    sender: Sender, file: MediaUploaded, file_name: str | None, quota_bytes: int, expires_at: int | None = None
) -> Proposal[None]:
    """Propose the entry of a stored file, where it was announced before that expires.

    Its name may say something about a patient, so it is the body.
    """

    def propose(turn: Turn) -> None:
        user = uploader(turn, sender)
        if user.media_bytes + file.size_bytes > quota_bytes:
            raise QuotaReached
        if expires_at is not None:
            check_pending(user, file.media_id, turn.at >= expires_at)
        body = msgspec.json.encode(file_name)
        turn.emit(Draft(facts=file, sender=sender.user_id, device_id=sender.device_id, body=body))

    return Proposal(propose)


def check_pending(user: User, media_id: str, is_expired: bool) -> None:
    """Refuse content for an id that has some, or that waited too long for it."""
    if is_expired:
        raise NotFound("this media id has expired; create another one")
    if media_id not in user.pending_media:
        raise CannotOverwriteMedia


def uploader(turn: Turn, sender: Sender) -> User:
    user = turn.user(sender.user_id)
    assert user is not None, "whoever is signed in has an account"
    return user
