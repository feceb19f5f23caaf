"""GET /_matrix/client/v3/capabilities (client-server API, "Capabilities negotiation")."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.append.loading import Loading
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import ROOM_VERSIONS

# What whoever the directory knows cannot do: choose another name.
NAMED_BY_HOSPITAL: JsonObject = {
    "m.set_displayname": {"enabled": False},
    "m.profile_fields": {"enabled": True, "disallowed": ["displayname"]},
}


class Capabilities:
    """Says what people may do here."""

    def __init__(
        self,
        loading: Loading,
        default_room_version: str,
        delay_limit_ms: int,
        delayed_events_limit: int,
        idle_lock_ms: int,
    ) -> None:
        delays: JsonObject = {"max_delay_ms": delay_limit_ms, "max_scheduled": delayed_events_limit}
        everybodys = {
            **capabilities(default_room_version),
            "org.matrix.msc4140.delayed_events": delays,
            "org.myelin.idle_lock_ms": idle_lock_ms,
        }
        self._loading = loading
        self._own_name = ok({"capabilities": everybodys})
        self._hospitals_name = ok({"capabilities": everybodys | NAMED_BY_HOSPITAL})

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("GET", "/_matrix/client/v3/capabilities", self.get)

    async def get(self, request: Request) -> Response:
        user = await self._loading.user(request.signed_in.user_id)
        return self._hospitals_name if user is not None and user.is_named_by_hospital else self._own_name


def capabilities(default_room_version: str) -> JsonObject:
    """Return every capability, also those that are off: what is missing counts as on for some."""
    return {
        "m.room_versions": {
            "default": default_room_version,
            "available": dict.fromkeys(ROOM_VERSIONS, "stable"),
        },
        "m.change_password": {"enabled": True},
        "m.set_displayname": {"enabled": True},
        "m.set_avatar_url": {"enabled": True},
        "m.profile_fields": {"enabled": True},
        "m.3pid_changes": {"enabled": False},
        "m.get_login_token": {"enabled": False},
        "m.forget_forced_upon_leave": {"enabled": False},
    }
