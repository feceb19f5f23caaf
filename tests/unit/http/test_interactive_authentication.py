"""A confirmation is good for one act of one person, for a while, with the right password."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myelin.http.interactive_authentication import (
    SESSION_LIFETIME_MS,
    AuthenticationNeeded,
    InteractiveAuthentication,
)
from myelin.http.limits import NoLimits
from myelin.http.messages import Caller, Request
from myelin.http.passwords import PasswordSignIn
from myelin.matrix.errors import BadJson
from myelin.matrix.json import JsonObject
from myelin.stores.credentials import PasswordCheck

WANG, LI = "@wang:hospital.test", "@li:hospital.test"
PASSWORDS = {WANG: "right", LI: "other"}
OPERATION = "deleteDevices"
PARAMETERS: JsonObject = {"devices": ["PHONE", "TABLET"]}


class KnownPasswords:
    async def check(self, user_id: str, password: str) -> PasswordCheck:
        stored = PASSWORDS.get(user_id)
        return PasswordCheck(stored == password, stored, None)


class Counted:
    def __init__(self) -> None:
        self.refused: list[tuple[str | None, str]] = []

    def count(self, user_id: str | None, address: str) -> None:
        self.refused.append((user_id, address))


class Clock:
    now = 1_000_000

    def __call__(self) -> int:
        return self.now


class House:
    def __init__(self) -> None:
        self.clock, self.refusals = Clock(), Counted()
        passwords = PasswordSignIn(KnownPasswords(), self.refusals, NoLimits(), "hospital.test")
        self.interactive = InteractiveAuthentication(passwords, b"s" * 32, self.clock)

    async def confirm(
        self,
        auth: JsonObject | None,
        caller: str | None = WANG,
        operation: str = OPERATION,
        parameters: JsonObject = PARAMETERS,
    ) -> str:
        who = Caller(caller, "DEVICE") if caller is not None else None
        request = Request("POST", (), b"", {}, b"", "192.0.2.1", caller=who)
        return await self.interactive.require(request, operation, parameters, auth)

    async def challenge(self, auth: JsonObject | None = None, caller: str | None = WANG) -> str:
        with pytest.raises(AuthenticationNeeded) as needed:
            await self.confirm(auth, caller)
        return str(needed.value.fields()["session"])


@pytest.fixture
def house() -> House:
    return House()


def password(session: str | None, password: str = "right", user: str = WANG) -> JsonObject:
    auth: JsonObject = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": user}}
    return {**auth, "password": password, **({"session": session} if session is not None else {})}


async def test_the_first_answer_says_what_is_needed_and_no_error(house: House) -> None:
    with pytest.raises(AuthenticationNeeded) as needed:
        await house.confirm(None)
    fields = needed.value.fields()
    assert needed.value.status == 401
    assert fields["flows"] == [{"stages": ["m.login.password"]}]
    assert (fields["params"], fields["completed"]) == ({}, [])
    assert fields.keys().isdisjoint({"errcode", "error"})


async def test_the_password_confirms(house: House) -> None:
    assert await house.confirm(password(await house.challenge())) == WANG


async def test_a_client_that_knows_the_flow_needs_no_challenge(house: House) -> None:
    assert await house.confirm(password(None)) == WANG


async def test_the_session_alone_is_a_question(house: House) -> None:
    session = await house.challenge()
    assert await house.challenge({"session": session}) == session


async def test_a_wrong_password_may_be_tried_again_in_the_same_session(house: House) -> None:
    session = await house.challenge()
    with pytest.raises(AuthenticationNeeded) as failed:
        await house.confirm(password(session, "wrong"))
    fields = failed.value.fields()
    assert (fields["errcode"], fields["session"], fields["completed"]) == ("M_FORBIDDEN", session, [])
    assert house.refusals.refused == [(WANG, "192.0.2.1")]
    assert await house.confirm(password(session)) == WANG


@pytest.mark.parametrize(
    "other",
    [
        {"parameters": {"devices": ["PHONE", "LAPTOP"]}},
        {"operation": "deactivateAccount"},
        {"caller": LI},
        {"caller": None},
    ],
    ids=["parameters", "operation", "person", "stranger"],
)
async def test_a_session_is_for_the_act_that_was_shown(house: House, other: dict[str, JsonObject]) -> None:
    session = await house.challenge()
    with pytest.raises(AuthenticationNeeded) as refused:
        await house.confirm(password(session), **other)  # type: ignore[arg-type]
    assert refused.value.fields()["errcode"] == "M_FORBIDDEN"
    assert refused.value.fields()["session"] != session
    assert house.refusals.refused == []


async def test_the_order_of_keys_does_not_make_another_act(house: House) -> None:
    with pytest.raises(AuthenticationNeeded) as needed:
        await house.confirm(None, parameters={"a": 1, "b": 2})
    session = str(needed.value.fields()["session"])
    assert await house.confirm(password(session), parameters={"b": 2, "a": 1}) == WANG


async def test_a_session_ends(house: House) -> None:
    session = await house.challenge()
    house.clock.now += SESSION_LIFETIME_MS
    with pytest.raises(AuthenticationNeeded) as refused:
        await house.confirm(password(session))
    assert await house.confirm(password(str(refused.value.fields()["session"]))) == WANG


@given(st.text())
async def test_an_invented_session_is_refused(session: str) -> None:
    with pytest.raises(AuthenticationNeeded):
        await House().confirm(password(session))


async def test_a_session_cannot_be_prolonged(house: House) -> None:
    ends_at, _, tag = (await house.challenge()).partition(".")
    with pytest.raises(AuthenticationNeeded):
        await house.confirm(password(f"{int(ends_at) + 1}.{tag}"))


async def test_nobody_confirms_for_somebody_else(house: House) -> None:
    with pytest.raises(AuthenticationNeeded):
        await house.confirm(password(await house.challenge(), "other", LI))


async def test_without_a_token_the_password_says_who_it_is(house: House) -> None:
    session = await house.challenge(caller=None)
    assert await house.confirm(password(session, "other", "LI"), caller=None) == LI


async def test_an_unknown_person_is_refused_and_not_named(house: House) -> None:
    with pytest.raises(AuthenticationNeeded):
        await house.confirm(password(None, user="nobody"), caller=None)
    assert house.refusals.refused == [(None, "192.0.2.1")]


async def test_another_kind_of_stage_does_not_confirm(house: House) -> None:
    with pytest.raises(AuthenticationNeeded) as refused:
        await house.confirm({"type": "m.login.dummy", "session": await house.challenge()})
    assert refused.value.fields()["errcode"] == "M_FORBIDDEN"


@pytest.mark.parametrize("auth", [{"type": 1}, {"type": "m.login.password", "identifier": "wang"}, {"session": []}])
async def test_broken_attempts_are_bad_json(house: House, auth: JsonObject) -> None:
    with pytest.raises(BadJson):
        await house.confirm(auth)


async def test_the_dummy_stage_only_asks_twice(house: House) -> None:
    with pytest.raises(AuthenticationNeeded) as needed:
        house.interactive.require_dummy("register", None)
    fields = needed.value.fields()
    assert fields["flows"] == [{"stages": ["m.login.dummy"]}]
    house.interactive.require_dummy("register", {"type": "m.login.dummy", "session": fields["session"]})
