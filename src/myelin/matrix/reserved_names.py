"""Names that no person gets: those of the server's own hand and of services begin with an underscore."""

from myelin.matrix.errors import Forbidden
from myelin.matrix.identifiers import localpart_of

RESERVED = "_"
HAND = "_myelin"


def hand_of(server_name: str) -> str:
    """The user id of a server's own hand, which makes directory rooms and has neither password nor device."""
    return f"@{HAND}:{server_name}"


def is_hand(user_id: str) -> bool:
    """Whether this is a server's own hand."""
    return localpart_of(user_id) == HAND


def is_reserved(user_id: str) -> bool:
    """Whether no person can have this name, so that whoever has it is a service or the server's own hand."""
    return user_id.startswith(f"@{RESERVED}")


def is_service(user_id: str) -> bool:
    """Whether this is the name of a service of the hospital."""
    return is_reserved(user_id) and not is_hand(user_id)


def check_no_hand(user_id: str) -> None:
    """Raise `Forbidden` where somebody would sign in as the server's own hand, or close it."""
    if is_hand(user_id):
        raise Forbidden("this is the server itself: it has no password, and cannot be closed")
