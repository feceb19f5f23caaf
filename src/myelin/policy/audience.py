"""Whom a setting means: everybody, nobody, people of some professions, or people by name."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from myelin.matrix.sign_in_names import sign_in_user_id
from myelin.state.user import User

EVERYBODY = "everybody"
PROFESSIONS = ("医", "护", "技", "药", "管")


class Audience(msgspec.Struct, frozen=True):
    """Everybody, or those of these professions and these user ids."""

    everybody: bool = False
    professions: frozenset[str] = frozenset()
    user_ids: frozenset[str] = frozenset()

    def holds(self, user: User | None) -> bool:
        """Whether a person is meant."""
        if user is None:
            return False
        profession = user.post.profession if user.post is not None else None
        return self.everybody or profession in self.professions or user.user_id in self.user_ids


ALL = Audience(everybody=True)
NOBODY = Audience()


def audience_of(words: Iterable[str], server_name: str) -> Audience:
    """Return whom the words of a setting mean: `everybody`, professions, employee numbers or user ids."""
    names = [word for word in words if word not in (EVERYBODY, *PROFESSIONS)]
    return Audience(
        everybody=EVERYBODY in words,
        professions=frozenset(words).intersection(PROFESSIONS),
        user_ids=user_ids_of(names, server_name),
    )


def user_ids_of(names: Iterable[str], server_name: str) -> frozenset[str]:
    """Return the user ids that employee numbers, names of services or user ids of this server mean."""
    return frozenset(filter(None, (sign_in_user_id(name, server_name) for name in names)))
