"""/_myelin/v1/device_lock: the server's half of what a device's PIN opens, and the token of a locked device."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from myelin.actions.device_locks import NewLock, remove_lock, set_lock
from myelin.api.callers import sender_of
from myelin.append.pool import Pool
from myelin.http.application import bearer_token
from myelin.http.limits import NoLimits, RateLimits
from myelin.http.messages import EMPTY, Request, Response, ok
from myelin.http.routes import Access, Route
from myelin.matrix.errors import Forbidden, InvalidParam, MissingParam, MissingToken, UnknownToken
from myelin.matrix.identifiers import decode_base64, encode_base64, encode_base64url
from myelin.stores.device_locks import TOKEN_PREFIX, DeviceLocks, proof_hash
from myelin.stores.tokens import hashed

SECRET_BYTES = 32
TRIES_LEFT = "org.myelin.tries_left"


class LockBody(msgspec.Struct, frozen=True):
    """A lock as the device wants it, in Base64: both or neither."""

    half: str | None = None
    proof: str | None = None


class ReleaseBody(msgspec.Struct, frozen=True):
    """What proves the PIN, in Base64."""

    proof: str


class DeviceLockEndpoints:
    """Sets and removes the lock of the device that asks, and gives its half out."""

    def __init__(
        self, pool: Pool, locks: DeviceLocks, limits: RateLimits | NoLimits, random: Callable[[int], bytes]
    ) -> None:
        self._pool = pool
        self._locks = locks
        self._limits = limits
        self._random = random
        self._lock = msgspec.json.Decoder(LockBody)
        self._release = msgspec.json.Decoder(ReleaseBody)

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        path = "/_myelin/v1/device_lock"
        yield Route("PUT", path, self.put, limit="device_lock")
        yield Route("DELETE", path, self.delete, limit="device_lock")
        yield Route("POST", f"{path}/release", self.release, Access.OPEN)

    async def put(self, request: Request) -> Response:
        body = request.parse(self._lock)
        if (body.half is None) != (body.proof is None):
            raise MissingParam("half and proof belong together: give both, or neither")
        token = TOKEN_PREFIX + encode_base64url(self._random(SECRET_BYTES))
        new = NewLock(
            token_hash=hashed(token).hex(),
            proof_hash=proof_hash(secret(body.proof)).hex() if body.proof is not None else None,
            half=secret(body.half).hex() if body.half is not None else None,
        )
        await self._pool.submit(set_lock(sender_of(request), new))
        return ok({"lock_token": token})

    async def delete(self, request: Request) -> Response:
        await self._pool.submit(remove_lock(sender_of(request)))
        return EMPTY

    async def release(self, request: Request) -> Response:
        token = bearer_token(request)
        if token is None:
            raise MissingToken
        owner = await self._locks.owner(token)
        if owner is None:
            raise UnknownToken("this lock is none any more; sign in again")
        self._limits.spend("device_lock", owner.user_id)
        opened = await self._locks.open(token, secret(request.parse(self._release).proof))
        if opened.half is None:
            raise Forbidden(sentence(opened.tries_left), **{TRIES_LEFT: opened.tries_left})
        return ok({"half": encode_base64(opened.half)})


def secret(text: str) -> bytes:
    """Return 32 bytes from Base64; `InvalidParam` where it is something else."""
    given = decode_base64(text)
    if len(given) != SECRET_BYTES:
        raise InvalidParam(f"half and proof have {SECRET_BYTES} bytes each, in Base64")
    return given


def sentence(tries_left: int) -> str:
    """Return what a wrong PIN is told."""
    return "this PIN is wrong; try again" if tries_left else "the PIN opens nothing any more; use the password"
