"""User-interactive authentication (client-server API): an act of weight is confirmed with the password.

A session is a seal over the act (who, which operation, with which parameters) and the time it ends. Nothing is
stored: any process can check it, strangers cannot fill a table, and a session is of no use for another act. Each
flow has one stage, so there is no progress to remember.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence

import msgspec
import orjson

from myelin.http.messages import Caller, Request
from myelin.http.passwords import Identifier, PasswordSignIn
from myelin.matrix.errors import BadJson, Forbidden, MatrixError
from myelin.matrix.identifiers import encode_base64url
from myelin.matrix.json import JsonObject

SESSION_LIFETIME_MS = 15 * 60 * 1000
TAG_BYTES = 16
PASSWORD = "m.login.password"
DUMMY = "m.login.dummy"


class AuthenticationNeeded(MatrixError):
    """Confirm this first."""

    status, errcode = 401, "M_FORBIDDEN"

    def __init__(self, stage: str, session: str, refusal: MatrixError | None = None) -> None:
        super().__init__()
        self._challenge: JsonObject = {
            "flows": [{"stages": [stage]}],
            "params": {},
            "completed": [],
            "session": session,
        }
        self._refusal = refusal

    def fields(self) -> JsonObject:
        """The challenge; with errcode and error after an attempt that failed."""
        return {**self._challenge, **(self._refusal.fields() if self._refusal is not None else {})}


class Stage(msgspec.Struct, frozen=True):
    """One attempt: the `auth` of a request."""

    type: str | None = None
    session: str | None = None
    identifier: Identifier | None = None
    user: str | None = None
    password: str | None = None


class InteractiveAuthentication:
    """Lets an act pass once it is confirmed.

    `clock_ms` returns the time of day; `secret` is the server's, the same in every process.
    """

    def __init__(self, passwords: PasswordSignIn, secret: bytes, clock_ms: Callable[[], int]) -> None:
        self._passwords = passwords
        self._secret = secret
        self._clock_ms = clock_ms

    async def require(self, request: Request, operation: str, parameters: JsonObject, auth: JsonObject | None) -> str:
        """Return the user id of who confirmed the act with their password; raise `AuthenticationNeeded` otherwise.

        `operation` is the operationId of the specification, `parameters` all that decides what will happen (the
        body without `auth`, and the path). With an access token only its owner can confirm.
        """
        act = act_of(request.caller, operation, parameters)
        stage, session = self._attempt(PASSWORD, act, auth)
        try:
            user_id = self._meant(request.caller, stage)
            verified = await self._passwords.verify(user_id, stage.password or "", request.client_address)
        except Forbidden as refusal:
            raise AuthenticationNeeded(PASSWORD, session, refusal) from None
        return verified.user_id

    def require_dummy(self, operation: str, auth: JsonObject | None) -> None:
        """Return where the client has answered the challenge, which proves nothing; else `AuthenticationNeeded`."""
        self._attempt(DUMMY, act_of(None, operation, {}), auth)

    def _meant(self, caller: Caller | None, stage: Stage) -> str | None:
        if caller is not None and stage.identifier is None and stage.user is None:
            return caller.user_id
        user_id = self._passwords.user_id(stage.identifier, stage.user)
        if caller is not None and user_id != caller.user_id:
            raise Forbidden("only the owner of this session can confirm this")
        return user_id

    def _attempt(self, expected: str, act: Sequence[bytes], auth: JsonObject | None) -> tuple[Stage, str]:
        """Return the stage that is attempted and its session; a client that knows the flow may come without one."""
        stage = parse_stage(auth)
        if stage.session is not None and not self._is_session(stage.session, act):
            refusal = Forbidden("this confirmation has expired or was for another act; confirm again")
            raise AuthenticationNeeded(expected, self._new_session(act), refusal)
        session = stage.session or self._new_session(act)
        if stage.type is None:
            raise AuthenticationNeeded(expected, session)
        if stage.type != expected:
            raise AuthenticationNeeded(expected, session, Forbidden(f"this can only be confirmed by {expected}"))
        return stage, session

    def _new_session(self, act: Sequence[bytes]) -> str:
        return self._session(act, self._clock_ms() + SESSION_LIFETIME_MS)

    def _is_session(self, session: str, act: Sequence[bytes]) -> bool:
        text = session.partition(".")[0]
        if not (text.isascii() and text.isdigit()) or len(text) > 15 or int(text) <= self._clock_ms():
            return False
        return hmac.compare_digest(session.encode("utf-8", "replace"), self._session(act, int(text)).encode())

    def _session(self, act: Sequence[bytes], ends_at: int) -> str:
        digest = hmac.digest(self._secret, b"\x00".join((str(ends_at).encode(), *act)), hashlib.sha256)
        return f"{ends_at}.{encode_base64url(digest[:TAG_BYTES])}"


def act_of(caller: Caller | None, operation: str, parameters: JsonObject) -> Sequence[bytes]:
    """Return what a session is bound to."""
    canonical = orjson.dumps(parameters, option=orjson.OPT_SORT_KEYS)
    return (caller.user_id if caller is not None else "").encode(), operation.encode(), canonical


def parse_stage(auth: JsonObject | None) -> Stage:
    """Return the attempt; `BadJson` where `auth` is not what its type asks for."""
    try:
        return msgspec.convert(auth or {}, Stage)
    except msgspec.ValidationError:
        raise BadJson("auth is not as user-interactive authentication describes it") from None
