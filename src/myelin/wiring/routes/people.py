"""What belongs to a person: profile, account data, tags, push rules, filters, presence."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.actions.account_data import AccountDataChanges
from myelin.api.syncing.filters import Filters
from myelin.api.user_data.account_data import AccountData
from myelin.api.user_data.presence import Presence
from myelin.api.user_data.profile import Profile
from myelin.api.user_data.push_rules import PushRulesApi
from myelin.api.user_data.tags import Tags
from myelin.api.user_data.third_party import third_party_routes
from myelin.http.routes import Route
from myelin.projections.account_data import AccountDataReader
from myelin.projections.profiles import ProfileReader
from myelin.stores.filters import StoredFilters
from myelin.wiring.foundation import Foundation


def person_routes(built: Foundation) -> Iterator[Route]:
    """Yield what belongs to a person: profile, account data, tags, push rules, filters, presence."""
    pool, reads = built.pool, built.reads
    reader = AccountDataReader(reads)
    changes = AccountDataChanges(pool, reader.read)
    yield from Profile(pool, ProfileReader(reads), built.profile_spread.changed).routes()
    yield from AccountData(pool, reader).routes()
    yield from Tags(changes, reader).routes()
    yield from PushRulesApi(changes, reader).routes()
    yield from Filters(StoredFilters(reads)).routes()
    yield from Presence(built.loading).routes()
    yield from third_party_routes()
