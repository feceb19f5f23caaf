"""Names that no person gets: those of the server's own hand, of services and of stations begin with an underscore."""

from myelin.matrix.errors import Forbidden
from myelin.matrix.identifiers import localpart_of

RESERVED = "_"
HAND = "_myelin"
STATION = "_station."


def hand_of(server_name: str) -> str:
    """The user id of a server's own hand, which makes directory rooms and has neither password nor device."""
    return f"@{HAND}:{server_name}"


def is_hand(user_id: str) -> bool:
    """Whether this is a server's own hand."""
    return localpart_of(user_id) == HAND


def is_reserved(user_id: str) -> bool:
    """Whether no person can have this name, so that whoever has it is a service, a station or the server itself."""
    return user_id.startswith(f"@{RESERVED}")


def is_service(user_id: str) -> bool:
    """Whether this is the name of a service of the hospital."""
    return is_reserved(user_id) and not is_hand(user_id) and not is_station(user_id)


def is_station(user_id: str) -> bool:
    """Whether this is the name of a station: a ward's computer, which rings for everybody and acts for nobody."""
    return user_id.startswith(f"@{STATION}")


def check_no_hand(user_id: str) -> None:
    """Raise `Forbidden` where somebody would sign in as the server's own hand, or close it."""
    if is_hand(user_id):
        raise Forbidden("this is the server itself: it has no password, and cannot be closed")
