"""Rate limits: how often one person, or one address that has not signed in, may ask for something.

Each (class, who) is one number, the time at which its bucket would be full again; so memory is bounded, and
nothing has to be cleared up. Several processes each keep their own.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from ipaddress import ip_address

import msgspec

from myelin.http.messages import Request
from myelin.matrix.errors import LimitExceeded

REMEMBERED_LIMIT = 50_000


class Rate(msgspec.Struct, frozen=True, gc=False):
    """`burst` requests at once, and `per_second` in the long run."""

    per_second: float
    burst: int


# A whole ward may share one address, and a person's clients may catch up after a night without a network.
RATES: Mapping[str, Rate] = {
    "login": Rate(5, 100),
    "login_account": Rate(0.2, 20),
    "register": Rate(1, 50),
    "message": Rate(20, 400),
    "receipt": Rate(20, 400),
    "typing": Rate(10, 100),
    "room": Rate(1, 50),
    "join": Rate(5, 200),
    "invite": Rate(5, 500),
    "media": Rate(20, 400),
    "search": Rate(2, 50),
    # With every letter that is typed.
    "people_search": Rate(10, 200),
    "delayed": Rate(50, 1000),
    "keys": Rate(20, 400),
    # A whole shift may come back to one ward PC in a minute; a person does not.
    "device_lock": Rate(0.2, 20),
}
OTHER = Rate(50, 1000)


class RateLimits:
    """Refuses those who ask too often. `clock_s` never runs backwards."""

    def __init__(self, clock_s: Callable[[], float], rates: Mapping[str, Rate] = RATES) -> None:
        self._clock_s = clock_s
        self._rates = rates
        # When each bucket is full again; the one used longest ago first.
        self._full_at: OrderedDict[tuple[str, str], float] = OrderedDict()

    def check(self, limit: str, request: Request) -> None:
        """Count one request of a person or an address; `LimitExceeded` where it is one too many."""
        caller = request.caller
        if caller is not None and caller.is_service:
            return
        self.spend(limit, caller.user_id if caller is not None else neighbourhood(request.client_address))

    def spend(self, limit: str, who: str) -> None:
        """Count one; `LimitExceeded`, which says how long to wait, where it is one too many."""
        rate = self._rates.get(limit, OTHER)
        now = self._clock_s()
        key = (limit, who)
        full_at = max(self._full_at.get(key, now), now) + 1 / rate.per_second
        wait_s = full_at - now - rate.burst / rate.per_second
        # A hair's breadth, so that adding up fractions never refuses the last of a burst.
        if wait_s > 1e-6:
            raise LimitExceeded(retry_after_ms=int(wait_s * 1000) + 1)
        self._full_at[key] = full_at
        self._full_at.move_to_end(key)
        if len(self._full_at) > REMEMBERED_LIMIT:
            self._full_at.popitem(last=False)

    def __len__(self) -> int:
        return len(self._full_at)


class NoLimits:
    """Rate limits turned off."""

    def check(self, limit: str, request: Request) -> None:
        """Let everything pass."""

    def spend(self, limit: str, who: str) -> None:
        """Let everything pass."""


def neighbourhood(address: str) -> str:
    """Return what counts as one address: of IPv6 the /64 that a single machine has to itself."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(int(parsed) >> 64)
