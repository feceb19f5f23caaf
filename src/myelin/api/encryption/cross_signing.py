"""POST keys/device_signing/upload, POST keys/signatures/upload (client-server API, "Cross-signing")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from myelin.actions.cross_signing import add_signatures, set_cross_signing
from myelin.actions.sender import Sender
from myelin.api.callers import sender_of
from myelin.append.loading import Loading
from myelin.append.pool import Pool
from myelin.http.interactive_authentication import InteractiveAuthentication
from myelin.http.messages import EMPTY, Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import MatrixError, NotFound, UnknownToken
from myelin.matrix.json import JsonObject
from myelin.projections.published_keys import PersonKeys, PublishedKeys
from myelin.rules.published_keys import (
    accepted_signatures,
    brings_new_keys,
    check_cross_signing,
    cross_signing_after,
    public_keys,
    signatures_of,
)
from myelin.state.user import User

OPERATION = "uploadCrossSigningKeys"


class CrossSigningBody(msgspec.Struct, frozen=True):
    """The body of an upload, as the specification names it."""

    master_key: JsonObject | None = None
    self_signing_key: JsonObject | None = None
    user_signing_key: JsonObject | None = None
    auth: JsonObject | None = None

    def keys(self) -> dict[str, JsonObject]:
        """Return the keys that are given, by usage."""
        given = {
            "master": self.master_key,
            "self_signing": self.self_signing_key,
            "user_signing": self.user_signing_key,
        }
        return {usage: value for usage, value in given.items() if value is not None}


class CrossSigning:
    """Publishes a person's identity, and signatures on keys."""

    def __init__(
        self, pool: Pool, loading: Loading, published: PublishedKeys, confirmation: InteractiveAuthentication
    ) -> None:
        self._pool = pool
        self._loading = loading
        self._published = published
        self._confirmation = confirmation
        self._body = msgspec.json.Decoder(CrossSigningBody)
        self._signatures = msgspec.json.Decoder(dict[str, dict[str, JsonObject]])

    def routes(self) -> Iterator[Route]:
        """Yield the routes; the unstable one is what older clients use."""
        yield Route("POST", "/_matrix/client/v3/keys/device_signing/upload", self.post_keys)
        yield Route("POST", "/_matrix/client/unstable/keys/device_signing/upload", self.post_keys)
        yield Route("POST", "/_matrix/client/v3/keys/signatures/upload", self.post_signatures)

    async def post_keys(self, request: Request) -> Response:
        body, sender = request.parse(self._body), sender_of(request)
        given = body.keys()
        recorded, confirmed = False, False
        while not recorded:
            user = await self._user(sender)
            stored = (await self._published.of([sender.user_id], sender.user_id))[sender.user_id].cross_signing
            check_cross_signing(given, stored, sender.user_id, user.devices)
            # Must be confirmed unless there is no master key yet, or the request contains no new keys.
            if "master" in stored and brings_new_keys(given, stored) and not confirmed:
                await self._confirmation.require(request, OPERATION, given, body.auth)  # type: ignore[arg-type]
                confirmed = True
            after = cross_signing_after(given, stored)
            proposal = set_cross_signing(sender, after, user.cross_signing_position)
            recorded = after == stored or await self._pool.submit(proposal)
        return EMPTY

    async def post_signatures(self, request: Request) -> Response:
        signed, sender = request.parse(self._signatures), sender_of(request)
        stored = await self._published.of([*signed, sender.user_id], sender.user_id)
        signing = SigningKeys(sender, stored[sender.user_id])
        accepted: dict[str, dict[str, dict[str, str]]] = {}
        failures: dict[str, dict[str, JsonObject]] = {}
        for user_id, by_key in signed.items():
            for key_name, value in by_key.items():
                try:
                    added = signing.accepted(user_id, stored[user_id], key_name, value)
                except MatrixError as refusal:
                    failures.setdefault(user_id, {})[key_name] = refusal.fields()
                    continue
                if added:
                    accepted.setdefault(user_id, {})[key_name] = added
        if accepted:
            await self._pool.submit(add_signatures(sender, accepted))
        return ok({"failures": failures})

    async def _user(self, sender: Sender) -> User:
        user = await self._loading.user(sender.user_id)
        if user is None:
            raise UnknownToken("this account is gone")
        return user


class SigningKeys:
    """The keys with which one person may sign others."""

    def __init__(self, sender: Sender, own: PersonKeys) -> None:
        self._user_id = sender.user_id
        self._cross_signing = own.cross_signing
        self._devices = {
            name: public for device in own.devices.values() for name, public in public_keys(device.value).items()
        }

    def accepted(self, user_id: str, stored: PersonKeys, key_name: str, signed: JsonObject) -> dict[str, str]:
        """Return the signatures that are new on one key; raises the failure of this key where none holds."""
        value, known = self._target(user_id, stored, key_name)
        accepted = accepted_signatures(signed, value, self._user_id, known)
        present = signatures_of(value).get(self._user_id, {})
        return {name: signature for name, signature in accepted.items() if present.get(name) != signature}

    def _target(self, user_id: str, stored: PersonKeys, key_name: str) -> tuple[JsonObject, Mapping[str, str]]:
        """Return the stored key of that name, and by which keys the person may sign it."""
        if user_id == self._user_id and key_name in stored.devices:
            return stored.devices[key_name].value, {**self._devices, **self._public("self_signing")}
        usage = next((name for name, value in stored.cross_signing.items() if key_name in values(value)), None)
        if usage is None or (user_id != self._user_id and usage != "master"):
            raise NotFound("there is no such key that you could sign")
        if user_id != self._user_id:
            return stored.cross_signing[usage], self._public("user_signing")
        return stored.cross_signing[usage], {**self._devices, **self._public("master")}

    def _public(self, usage: str) -> Mapping[str, str]:
        return public_keys(self._cross_signing.get(usage, {}))


def values(key: JsonObject) -> set[str]:
    """Return the names by which a cross-signing key is known: its public keys."""
    return set(public_keys(key).values())
