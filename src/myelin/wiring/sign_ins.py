"""What signing in, and confirming with a password, is built from."""

from __future__ import annotations

import os

import asyncpg
import msgspec

from myelin.actions.refused_sign_ins import RefusedSignIns
from myelin.api.session.login_tokens import LoginTokens
from myelin.api.session.openid import OpenIdTokens
from myelin.http.interactive_authentication import InteractiveAuthentication
from myelin.http.limits import NoLimits, RateLimits
from myelin.http.passwords import PasswordSignIn
from myelin.projections.accounts import Accounts
from myelin.settings import Settings
from myelin.stores.credentials import Credentials
from myelin.stores.last_seen import LastSeen
from myelin.stores.password_hashing import PasswordHashing
from myelin.stores.server_secrets import secret
from myelin.wiring.clock import clock_ms


class SignIns(msgspec.Struct, frozen=True, kw_only=True):
    """What signing in, confirming with a password, and proving elsewhere who one is, are built from."""

    hashing: PasswordHashing
    passwords: PasswordSignIn
    interactive: InteractiveAuthentication
    refusals: RefusedSignIns
    accounts: Accounts
    last_seen: LastSeen
    openid: OpenIdTokens
    login_tokens: LoginTokens


async def sign_ins(settings: Settings, reads: asyncpg.Pool, limits: RateLimits | NoLimits) -> SignIns:
    """Build what checks passwords."""
    hashing, refusals = PasswordHashing(settings.password_cost), RefusedSignIns()
    passwords = PasswordSignIn(Credentials(reads, hashing), refusals, limits, settings.server_name)
    seal = await secret(reads, "interactive_authentication", os.urandom)
    return SignIns(
        hashing=hashing,
        passwords=passwords,
        interactive=InteractiveAuthentication(passwords, seal, clock_ms),
        refusals=refusals,
        accounts=Accounts(reads),
        last_seen=LastSeen(reads, clock_ms),
        openid=OpenIdTokens(await secret(reads, "openid", os.urandom)),
        login_tokens=LoginTokens(os.urandom, clock_ms),
    )
