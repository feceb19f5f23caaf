"""POST /_matrix/client/v3/user_directory/search (client-server API, "User Directory")."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Annotated

import msgspec
from msgspec import Meta

from myelin.api.myelin.search_terms import term_in
from myelin.http.messages import Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.identifiers import localpart_of
from myelin.matrix.json import JsonObject
from myelin.projections.known_people import Known, KnownPeople
from myelin.staff.people import People

DEFAULT_LIMIT = 10
LIMIT = 100
# So many matches are looked through for accounts that the searcher may see.
MATCHES_LIMIT = 1000


class SearchBody(msgspec.Struct, frozen=True):
    """Whom somebody looks for, and how many at most."""

    search_term: str
    limit: Annotated[int, Meta(ge=0)] = DEFAULT_LIMIT


class UserDirectory:
    """Finds people as `/_myelin/v1/directory/people` does, and besides services and who shares a room."""

    def __init__(self, people: People, known_people: KnownPeople) -> None:
        self._people = people
        self._known_people = known_people
        self._body = msgspec.json.Decoder(SearchBody)

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("POST", "/_matrix/client/v3/user_directory/search", self.search, limit="people_search")

    async def search(self, request: Request) -> Response:
        body = request.parse(self._body)
        term, limit = term_in(body.search_term), min(body.limit, LIMIT)
        searcher = request.signed_in.user_id
        matches = (await self._people.current()).matches(term)
        found = await self._visible(searcher, list(islice(matches, MATCHES_LIMIT)))
        # If the number of results is higher than the limit, limited is true.
        return ok({"results": [result(known) for known in found[:limit]], "limited": len(found) > limit})

    async def _visible(self, searcher: str, matches: list[Known]) -> list[Known]:
        """Return whom a searcher may find: colleagues and services, of the other accounts those in a common room."""
        others = [known.user_id for known in matches if not is_listed(known)]
        shared = await self._known_people.sharing_a_room(searcher, others) if others else frozenset()
        return [
            known for known in matches if known.user_id != searcher and (is_listed(known) or known.user_id in shared)
        ]


def is_listed(known: Known) -> bool:
    """Whether everybody may find this account."""
    return known.person is not None or known.is_service


def result(known: Known) -> JsonObject:
    fields = {"display_name": known.display_name or localpart_of(known.user_id), "avatar_url": known.avatar_url}
    return {"user_id": known.user_id, **{name: value for name, value in fields.items() if value is not None}}
