"""The refusals of the Matrix standard, each with its status, its `errcode` and a sentence for a person.

    MatrixError
    ├── 400  BadJson, NotJson, InvalidParam, MissingParam, UnknownPos
    │        UserInUse, InvalidUsername, WeakPassword, Exclusive
    │        RoomInUse, BadAlias, BadState, InvalidRoomState
    │        UnsupportedRoomVersion, IncompatibleRoomVersion, DuplicateAnnotation, StillInRoom
    │        InvalidSignature, UnknownLoginType, NoThumbnail, NotScheduled
    ├── 401  MissingToken, UnknownToken, UserLocked
    ├── 403  Forbidden
    │        ├── NotAuthorized, QuotaReached
    │        UserSuspended, UserDeactivated, WrongRoomKeysVersion, ThreepidDenied
    ├── 404  NotFound, Unrecognized
    ├── 405  MethodNotAllowed
    ├── 409  CannotOverwriteMedia, AliasTaken, Overtaken
    ├── 413  TooLarge
    ├── 429  LimitExceeded
    ├── 500  Unknown
    ├── 503  ResourceUnavailable
    └── 504  NotYetUploaded

The docstring of a class is its default message. A message never repeats a secret, a token or what somebody wrote.
"""

from typing import ClassVar

import orjson

from myelin.matrix.json import JsonObject, JsonValue


class MatrixError(Exception):
    """The server refused this request."""

    status: ClassVar[int] = 500
    errcode: ClassVar[str] = "M_UNKNOWN"

    def __init__(self, message: str | None = None, **extra: JsonValue) -> None:
        self.message = message or (type(self).__doc__ or "")
        self.extra = extra
        super().__init__(self.message)

    def fields(self) -> JsonObject:
        """The standard error response (client-server API, "Standard error response")."""
        return {"errcode": self.errcode, "error": self.message, **self.extra}

    def body(self) -> bytes:
        """The standard error response as JSON."""
        return orjson.dumps(self.fields())


class BadJson(MatrixError):
    """The JSON in this request is not what this endpoint expects."""

    status, errcode = 400, "M_BAD_JSON"


class NotJson(MatrixError):
    """The body of this request is not valid JSON."""

    status, errcode = 400, "M_NOT_JSON"


class InvalidParam(MatrixError):
    """A parameter of this request has a value that is not allowed."""

    status, errcode = 400, "M_INVALID_PARAM"


class MissingParam(MatrixError):
    """A required parameter is missing from this request."""

    status, errcode = 400, "M_MISSING_PARAM"


class UnknownPos(MatrixError):
    """The server does not know this position; start again without it."""

    status, errcode = 400, "M_UNKNOWN_POS"


class UserInUse(MatrixError):
    """This user name is taken; choose another one."""

    status, errcode = 400, "M_USER_IN_USE"


class InvalidUsername(MatrixError):
    """A user name may contain only a-z, 0-9 and the characters . _ = - / +"""

    status, errcode = 400, "M_INVALID_USERNAME"


class WeakPassword(MatrixError):
    """This password is too weak; choose a longer one."""

    status, errcode = 400, "M_WEAK_PASSWORD"


class Exclusive(MatrixError):
    """This name is reserved for a service of this hospital."""

    status, errcode = 400, "M_EXCLUSIVE"


class RoomInUse(MatrixError):
    """This room address is taken; choose another one."""

    status, errcode = 400, "M_ROOM_IN_USE"


class BadAlias(MatrixError):
    """A room address in this event does not lead to this room."""

    status, errcode = 400, "M_BAD_ALIAS"


class BadState(MatrixError):
    """This change does not fit the room's present state."""

    status, errcode = 400, "M_BAD_STATE"


class InvalidRoomState(MatrixError):
    """The room's initial state contradicts itself."""

    status, errcode = 400, "M_INVALID_ROOM_STATE"


class UnsupportedRoomVersion(MatrixError):
    """This server does not support that room version."""

    status, errcode = 400, "M_UNSUPPORTED_ROOM_VERSION"


class IncompatibleRoomVersion(MatrixError):
    """The room has a version that the other side does not support."""

    status, errcode = 400, "M_INCOMPATIBLE_ROOM_VERSION"


class DuplicateAnnotation(MatrixError):
    """You have reacted to this event with the same key already."""

    status, errcode = 400, "M_DUPLICATE_ANNOTATION"


class StillInRoom(MatrixError):
    """You are still in this room; leave it first."""

    status, errcode = 400, "M_UNKNOWN"


class InvalidSignature(MatrixError):
    """A signature in this request is missing or false."""

    status, errcode = 400, "M_INVALID_SIGNATURE"


class UnknownLoginType(MatrixError):
    """This way of signing in is not offered here."""

    status, errcode = 400, "M_UNKNOWN"


class NoThumbnail(MatrixError):
    """There is no thumbnail of this file: it is no picture that can be shown, or an encrypted one."""

    status, errcode = 400, "M_UNKNOWN"


class NotScheduled(MatrixError):
    """This event cannot be sent later."""

    status, errcode = 400, "M_UNKNOWN"


class MissingToken(MatrixError):
    """This request needs an access token; sign in first."""

    status, errcode = 401, "M_MISSING_TOKEN"


class UnknownToken(MatrixError):
    """This access token is not valid; sign in again."""

    status, errcode = 401, "M_UNKNOWN_TOKEN"

    def __init__(self, message: str | None = None, soft_logout: bool = False, **extra: JsonValue) -> None:
        super().__init__(message, soft_logout=soft_logout, **extra)


class UserLocked(MatrixError):
    """This account is locked; ask your administrator."""

    status, errcode = 401, "M_USER_LOCKED"

    def __init__(self, message: str | None = None, soft_logout: bool = True, **extra: JsonValue) -> None:
        super().__init__(message, soft_logout=soft_logout, **extra)


class Forbidden(MatrixError):
    """You may not do this."""

    status, errcode = 403, "M_FORBIDDEN"


class NotAuthorized(Forbidden):
    """The rules of this room do not allow this event."""


class QuotaReached(Forbidden):
    """You have uploaded as much as one person may; ask your administrator for more room."""


class UserSuspended(MatrixError):
    """This account is suspended: it may read, not write."""

    status, errcode = 403, "M_USER_SUSPENDED"


class UserDeactivated(MatrixError):
    """This account has been closed."""

    status, errcode = 403, "M_USER_DEACTIVATED"


class ThreepidDenied(MatrixError):
    """There is no identity server here: invite people by their user id."""

    status, errcode = 403, "M_THREEPID_DENIED"


class WrongRoomKeysVersion(MatrixError):
    """This key backup is not the current one."""

    status, errcode = 403, "M_WRONG_ROOM_KEYS_VERSION"

    def __init__(self, message: str | None = None, *, current_version: str, **extra: JsonValue) -> None:
        super().__init__(message, current_version=current_version, **extra)


class NotFound(MatrixError):
    """Nothing was found here."""

    status, errcode = 404, "M_NOT_FOUND"


class Unrecognized(MatrixError):
    """This server has no such endpoint."""

    status, errcode = 404, "M_UNRECOGNIZED"


class MethodNotAllowed(MatrixError):
    """This endpoint does not know that method."""

    status, errcode = 405, "M_UNRECOGNIZED"


class CannotOverwriteMedia(MatrixError):
    """This media has been uploaded already and cannot be replaced."""

    status, errcode = 409, "M_CANNOT_OVERWRITE_MEDIA"


class AliasTaken(MatrixError):
    """This room address leads to a room already."""

    status, errcode = 409, "M_UNKNOWN"


class Overtaken(MatrixError):
    """Somebody changed this at the same moment; look again."""

    status, errcode = 409, "M_UNKNOWN"


class TooLarge(MatrixError):
    """This request is too large."""

    status, errcode = 413, "M_TOO_LARGE"


class LimitExceeded(MatrixError):
    """Too many requests; wait a moment and try again."""

    status, errcode = 429, "M_LIMIT_EXCEEDED"

    def __init__(self, message: str | None = None, *, retry_after_ms: int, **extra: JsonValue) -> None:
        self.retry_after_ms = retry_after_ms
        super().__init__(message, retry_after_ms=retry_after_ms, **extra)


class Unknown(MatrixError):
    """Something went wrong inside the server; it has been written to its log."""

    status, errcode = 500, "M_UNKNOWN"


class ResourceUnavailable(MatrixError):
    """The server cannot reach its storage at the moment; nothing was changed, try again soon."""

    status, errcode = 503, "M_UNKNOWN"


class NotYetUploaded(MatrixError):
    """This media is announced but not uploaded yet; try again soon."""

    status, errcode = 504, "M_NOT_YET_UPLOADED"
