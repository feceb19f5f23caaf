"""Passwords as the edge meets them: who is meant, whether it is right, and what a wrong one leaves behind."""

from __future__ import annotations

from typing import Protocol

import msgspec

from myelin.matrix.errors import Forbidden
from myelin.matrix.sign_in_names import sign_in_user_id
from myelin.stores.credentials import PasswordCheck

ACCOUNT_LIMIT = "login_account"
# The same sentence for an unknown name and a wrong password, so that nobody learns who exists.
REFUSAL = "the name or the password is wrong"


class Identifier(msgspec.Struct, frozen=True):
    """Who wants to be known (client-server API, "Identifier types")."""

    type: str
    user: str | None = None


class Passwords(Protocol):
    """Compares a password with what is kept; see `myelin.stores.credentials.Credentials`."""

    async def check(self, user_id: str, password: str) -> PasswordCheck: ...


class Refusals(Protocol):
    """Counts refused sign-ins; `user_id` is None where there is no such account."""

    def count(self, user_id: str | None, address: str) -> None: ...


class AccountLimits(Protocol):
    """Raises `LimitExceeded` where one account is tried too often."""

    def spend(self, limit: str, who: str) -> None: ...


class Verified(msgspec.Struct, frozen=True):
    """A person who gave the right password."""

    user_id: str
    check: PasswordCheck


class PasswordSignIn:
    """Checks the password of whoever a name means."""

    def __init__(self, credentials: Passwords, refusals: Refusals, limits: AccountLimits, server_name: str) -> None:
        self._credentials = credentials
        self._limits = limits
        self._refusals = refusals
        self._server_name = server_name

    def user_id(self, identifier: Identifier | None, user: str | None) -> str | None:
        """Return the user id that is meant; None where nobody here can be meant."""
        name = identifier.user if identifier is not None and identifier.type == "m.id.user" else user
        return sign_in_user_id(name, self._server_name) if name is not None else None

    async def verify(self, user_id: str | None, password: str, address: str) -> Verified:
        """Return who it is; `Forbidden`, after the same time, for an unknown name as for a wrong password."""
        # Counted per account and address, so that nobody can lock a colleague out from elsewhere.
        self._limits.spend(ACCOUNT_LIMIT, f"{user_id} {address}")
        check = await self._credentials.check(user_id or "", password)
        if user_id is None or not check.matches:
            self._refusals.count(user_id if check.stored is not None else None, address)
            raise Forbidden(REFUSAL)
        return Verified(user_id, check)
