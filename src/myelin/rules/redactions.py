"""Who may redact whose events (client-server API, "Redactions"; rooms/v3, "Handling redactions")."""

from myelin.matrix.errors import Forbidden
from myelin.rules.authorization_state import AuthorizationState


def check_redaction(sender: str, original_sender: str, room: AuthorizationState) -> None:
    """Raise `Forbidden` where the sender may not redact an event of that person; that they may speak is known."""
    # Any user may redact their own events; those of others need the redact level.
    if sender != original_sender and room.power_levels.user_level(sender) < room.power_levels.redact:
        raise Forbidden("you may redact only what you have sent yourself")
