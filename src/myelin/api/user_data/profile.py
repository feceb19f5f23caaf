"""/_matrix/client/v3/profile/{userId} (client-server API, "Profiles")."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import orjson

from myelin.actions.profile import SPREAD_FIELDS, set_profile_field
from myelin.api.callers import own, sender_of
from myelin.append.pool import Pool
from myelin.http.messages import EMPTY, Request, Response, ok
from myelin.http.routes import Access, Route
from myelin.matrix.errors import BadJson, InvalidParam, MatrixError, MissingParam, NotFound
from myelin.matrix.identifiers import MAX_BYTES, parse_mxc_uri
from myelin.matrix.json import JsonObject, JsonValue
from myelin.projections.profiles import ProfileReader

PROFILE_LIMIT_BYTES = 64 * 1024
DISPLAYNAME_LIMIT_BYTES = 256
# The Common Namespaced Identifier Grammar, with at least one dot.
CUSTOM_FIELD = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+")


class ProfileTooLarge(MatrixError):
    """With this value your profile would be larger than 64 KiB."""

    status, errcode = 400, "M_PROFILE_TOO_LARGE"


class KeyTooLarge(MatrixError):
    """The name of a profile field has 255 bytes at most."""

    status, errcode = 400, "M_KEY_TOO_LARGE"


class Profile:
    """Shows profiles to everybody and lets people change their own. `changed` is told who has a new name or picture."""

    def __init__(self, pool: Pool, reader: ProfileReader, changed: Callable[[str], None]) -> None:
        self._pool = pool
        self._reader = reader
        self._changed = changed

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        profile = "/_matrix/client/v3/profile/{userId}"
        field = f"{profile}/{{keyName}}"
        yield Route("GET", profile, self.get, Access.OPTIONAL)
        yield Route("GET", field, self.get_field, Access.OPTIONAL)
        yield Route("PUT", field, self.put_field, limit="profile")
        yield Route("DELETE", field, self.delete_field, limit="profile")

    async def get(self, request: Request) -> Response:
        return ok(await self._profile(*request.path))

    async def get_field(self, request: Request) -> Response:
        user_id, field = request.path
        profile = await self._profile(user_id)
        if field not in profile:
            raise NotFound("this person has no such field in their profile")
        return ok({field: profile[field]})

    async def put_field(self, request: Request) -> Response:
        user_id, field = request.path
        own(request, user_id)
        value = field_value(checked_field(field), request.json_object())
        check_size({**await self._profile(user_id), field: value})
        return await self._set(request, field, value)

    async def delete_field(self, request: Request) -> Response:
        user_id, field = request.path
        own(request, user_id)
        if checked_field(field) not in await self._profile(user_id):
            return EMPTY
        return await self._set(request, field, None)

    async def _set(self, request: Request, field: str, value: JsonValue) -> Response:
        await self._pool.submit(set_profile_field(sender_of(request), field, value))
        if field in SPREAD_FIELDS:
            self._changed(request.signed_in.user_id)
        return EMPTY

    async def _profile(self, user_id: str) -> JsonObject:
        profile = await self._reader.profile(user_id)
        if profile is None:
            raise NotFound("there is no such person")
        return profile


def checked_field(field: str) -> str:
    """Return the name of a field; refused where it could not be one."""
    if len(field.encode()) > MAX_BYTES:
        raise KeyTooLarge
    if field not in FIELD_CHECKS and not CUSTOM_FIELD.fullmatch(field):
        raise InvalidParam("a profile field of your own is called like org.example.field")
    return field


def field_value(field: str, content: JsonObject) -> JsonValue:
    """Return the value of a field; None, which takes it away, where an older client sends an empty name or picture."""
    if field not in content:
        raise MissingParam(f"{field} is missing")
    value = content[field]
    # Servers MAY reject null values: here null is how the log says that a field is gone.
    if value is None:
        raise BadJson("a profile field cannot be null; delete it instead")
    if value == "" and field in SPREAD_FIELDS:
        return None
    check = FIELD_CHECKS.get(field)
    if check is not None:
        check(value)
    return value


def check_displayname(value: JsonValue) -> None:
    if not isinstance(value, str):
        raise BadJson("a displayname is a string")
    if len(value.encode()) > DISPLAYNAME_LIMIT_BYTES:
        raise InvalidParam(f"a displayname has {DISPLAYNAME_LIMIT_BYTES} bytes at most")


def check_avatar_url(value: JsonValue) -> None:
    if not isinstance(value, str):
        raise BadJson("an avatar_url is a string")
    parse_mxc_uri(value)


def check_time_zone(value: JsonValue) -> None:
    if not isinstance(value, str):
        raise BadJson("a time zone is a string, such as Asia/Shanghai")


FIELD_CHECKS: Mapping[str, Callable[[JsonValue], None]] = {
    "displayname": check_displayname,
    "avatar_url": check_avatar_url,
    "m.tz": check_time_zone,
}


def check_size(profile: JsonObject) -> None:
    # The total profile MUST be under 64 KiB.
    if len(orjson.dumps(profile)) >= PROFILE_LIMIT_BYTES:
        raise ProfileTooLarge
