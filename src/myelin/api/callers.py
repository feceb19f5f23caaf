"""The caller of a request, in the words of actions and of reading."""

from __future__ import annotations

from myelin.actions.sender import Sender
from myelin.http.messages import Request
from myelin.matrix.errors import Forbidden
from myelin.sync.rendering import Viewer


def sender_of(request: Request) -> Sender:
    """Return the caller as the one who acts."""
    caller = request.signed_in
    return Sender(caller.user_id, caller.device_id)


def viewer_of(request: Request) -> Viewer:
    """Return the caller as the one who looks."""
    caller = request.signed_in
    return Viewer(caller.user_id, caller.device_id)


def own(request: Request, user_id: str) -> str:
    """Return the user id of a path; `Forbidden` where it is not the caller's own."""
    if request.signed_in.user_id != user_id:
        raise Forbidden("this belongs to somebody else")
    return user_id
