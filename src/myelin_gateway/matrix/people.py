"""Whom an address means: `1001` is somebody by employee number, `role:心内科-一线` whoever is on duty there.

`1001>role:总值班` is the first of several that is known.
"""

from __future__ import annotations

from myelin.bots.identity import inside
from myelin.matrix.identifiers import server_name_of
from myelin.matrix.sign_in_names import sign_in_user_id
from myelin_gateway.matrix.homeserver import Homeserver, MatrixFailure, Refused, segment

ROLE, OR_ELSE = "role:", ">"
OURS = "/_myelin/v1"


class UnknownPerson(MatrixFailure):
    """The directory knows nobody of this number, or no such role."""


class People:
    """The directory and the roster, asked each time: the answer may be another one now."""

    def __init__(self, homeserver: Homeserver, own_user_id: str) -> None:
        self._homeserver, self._server_name = homeserver, server_name_of(own_user_id)

    async def user_id(self, address: str) -> str:
        """Return who is meant; raises UnknownPerson."""
        for each in address.split(OR_ELSE):
            if found := await self._known(each):
                return found
        raise UnknownPerson("unknown_person")

    async def _known(self, address: str) -> str:
        try:
            if address.startswith(ROLE):
                return await self._on_duty(address.removeprefix(ROLE))
            return await self._of(address)
        except Refused as refused:
            if refused.status != 404:
                raise
            return ""

    async def _of(self, number: str) -> str:
        user_id = sign_in_user_id(number, self._server_name)
        if user_id is None:
            return ""
        person = await self._homeserver.get(f"{OURS}/directory/people/{segment(user_id)}")
        return str(person.get("user_id", ""))

    async def _on_duty(self, role: str) -> str:
        answer = await self._homeserver.get(f"{OURS}/duty", {"role": role})
        roles = answer.get("roles")
        first = roles[0] if isinstance(roles, list) and roles else None
        return str(inside(first, "person").get("user_id", "")) if isinstance(first, dict) else ""
