"""POST /_myelin/v1/activate: a person sets their first password with the code that they were given."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from myelin.actions.activation import REFUSAL, TOO_OLD, activate
from myelin.append.pool import Pool
from myelin.http.messages import Request, Response, ok
from myelin.http.passwords import ACCOUNT_LIMIT, AccountLimits, Refusals
from myelin.http.routes import Access, Route
from myelin.matrix.errors import Forbidden, WeakPassword
from myelin.matrix.sign_in_names import sign_in_user_id
from myelin.stores.activation_codes import ActivationCodes
from myelin.stores.password_hashing import PasswordHashing

SHORTEST_PASSWORD = 8


class ActivateBody(msgspec.Struct, frozen=True):
    """The body: who one is, the code from the slip, and the password that one wants."""

    employee_number: str
    code: str
    password: str


class Activate:
    """Turns a code into a password."""

    def __init__(
        self,
        pool: Pool,
        codes: ActivationCodes,
        hashing: PasswordHashing,
        refusals: Refusals,
        limits: AccountLimits,
        server_name: str,
    ) -> None:
        self._pool = pool
        self._codes = codes
        self._hashing = hashing
        self._refusals = refusals
        self._limits = limits
        self._server_name = server_name
        self._decoder = msgspec.json.Decoder(ActivateBody)

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("POST", "/_myelin/v1/activate", self.post, Access.OPEN, limit="login")

    async def post(self, request: Request) -> Response:
        body = request.parse(self._decoder)
        if len(body.password) < SHORTEST_PASSWORD:
            raise WeakPassword(f"choose a password of at least {SHORTEST_PASSWORD} characters")
        user_id = sign_in_user_id(body.employee_number, self._server_name) or ""
        self._limits.spend(ACCOUNT_LIMIT, f"{user_id} {request.client_address}")
        check = await self._codes.check(user_id, body.code)
        if check.position is None or check.is_expired:
            self._refusals.count(user_id if check.is_known else None, request.client_address)
            # Who has the right code may know that it was one.
            raise Forbidden(TOO_OLD if check.is_expired else REFUSAL)
        await self._pool.submit(activate(user_id, check.position, await self._hashing.hash(body.password)))
        return ok({"user_id": user_id})
