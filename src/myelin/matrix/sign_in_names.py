"""Whom a person means by the name that they type to sign in."""

import re
import unicodedata

from myelin.matrix.identifiers import MAX_BYTES

_OUTSIDE_GRAMMAR = re.compile(rb"[^a-z0-9._=/+-]")


def sign_in_user_id(name: str, server_name: str) -> str | None:
    """The user id behind an employee number or a user id, None for another server's or an impossible one.

    Case, full-width letters and digits, and spaces around it do not count; what the grammar of user ids leaves out
    is spelt `=xx` (appendices, "Mapping from other character sets").
    """
    folded = unicodedata.normalize("NFKC", name).strip().lower()
    if folded.startswith("@"):
        folded, _, domain = folded[1:].partition(":")
        if domain != server_name.lower():
            return None
    localpart = _OUTSIDE_GRAMMAR.sub(_escaped, folded.encode("utf-8", "replace")).decode("ascii")
    user_id = f"@{localpart}:{server_name}"
    return user_id if localpart and len(user_id) <= MAX_BYTES else None


def _escaped(match: re.Match[bytes]) -> bytes:
    return b"=%02x" % match.group()[0]
