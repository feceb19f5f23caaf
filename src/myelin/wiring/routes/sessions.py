"""Accounts, sign-in, sessions, devices."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.api.session.account import AccountManagement
from myelin.api.session.activate import Activate
from myelin.api.session.capabilities import Capabilities
from myelin.api.session.devices import Devices
from myelin.api.session.issuing import Issuer
from myelin.api.session.login import Login
from myelin.api.session.logout import Logout
from myelin.api.session.openid import OpenId
from myelin.api.session.refresh import Refresh
from myelin.api.session.register import Register
from myelin.http.routes import Route
from myelin.stores.activation_codes import ActivationCodes
from myelin.wiring.clock import clock_ms
from myelin.wiring.foundation import Foundation


def session_routes(built: Foundation) -> Iterator[Route]:
    """Yield accounts, sign-in, sessions, devices."""
    pool, parts, settings = built.pool, built.sign_ins, built.settings
    issuer, is_open = Issuer(built.random, clock_ms), settings.registration == "open"
    yield from Login(pool, parts.passwords, parts.login_tokens, parts.accounts, issuer).routes()
    yield from Refresh(pool, built.tokens, issuer).routes()
    yield from Logout(pool).routes()
    yield from Devices(pool, parts.accounts, parts.last_seen, parts.interactive).routes()
    yield from AccountManagement(pool, parts.interactive, parts.hashing).routes()
    yield from OpenId(parts.openid, built.loading, settings.server_name, clock_ms).routes()
    codes = ActivationCodes(built.reads, clock_ms)
    yield from Activate(pool, codes, parts.hashing, parts.refusals, built.limits, settings.server_name).routes()
    yield from Capabilities(
        built.loading,
        settings.room_version,
        settings.delay_limit_seconds * 1000,
        settings.delayed_events_limit,
        settings.idle_lock_minutes * 60_000,
    ).routes()
    yield from Register(
        pool, built.loading, parts.interactive, parts.hashing, issuer, settings.server_name, is_open
    ).routes()
