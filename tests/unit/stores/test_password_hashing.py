"""One idle thread, a bounded queue, and no difference between an unknown name and a wrong password."""

import asyncio
import os
import threading
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from myelin.matrix.errors import LimitExceeded
from myelin.settings import PASSWORD_COSTS, PasswordCost
from myelin.stores.password_hashing import PasswordHashing

LOW = PASSWORD_COSTS["low"]
DEARER = PasswordCost(time_cost=2, memory_cost_kib=64, parallelism=1)


@pytest.fixture
def hashing() -> Iterator[PasswordHashing]:
    hashing = PasswordHashing(LOW, waiting_limit=3)
    yield hashing
    hashing.close()


async def test_only_the_right_password_matches(hashing: PasswordHashing) -> None:
    stored = await hashing.hash("right")
    assert stored.startswith("$argon2id$") and "right" not in stored
    assert await hashing.compare(stored, "right") == (True, None)
    assert await hashing.compare(stored, "wrong") == (False, None)


async def test_half_a_surrogate_pair_is_a_password_too(hashing: PasswordHashing) -> None:
    assert await hashing.compare(await hashing.hash("\ud800"), "\ud800") == (True, None)


async def test_what_is_no_hash_matches_nothing(hashing: PasswordHashing) -> None:
    assert await hashing.compare("not a hash", "right") == (False, None)


async def test_a_hash_of_another_cost_is_renewed(hashing: PasswordHashing) -> None:
    stored = await hashing.hash("right")
    dearer = PasswordHashing(DEARER)
    matches, renewed = await dearer.compare(stored, "right")
    assert matches and renewed is not None
    assert await dearer.compare(renewed, "right") == (True, None)
    assert await dearer.compare(stored, "wrong") == (False, None)
    dearer.close()


async def test_an_unknown_name_costs_a_hash_as_well(hashing: PasswordHashing, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[bytes | str] = []
    real = PasswordHasher.hash

    def counted(hasher: PasswordHasher, password: str | bytes) -> str:
        hashed.append(password)
        return real(hasher, password)

    monkeypatch.setattr(PasswordHasher, "hash", counted)
    assert await hashing.compare(None, "guess") == (False, None)
    assert hashed == [b"guess"]


async def test_a_storm_is_hashed_one_by_one_and_the_rest_is_told_to_wait(
    hashing: PasswordHashing, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, threads = threading.Event(), set()

    def held(hasher: PasswordHasher, password: str | bytes) -> str:
        threads.add(threading.get_ident())
        gate.wait()
        return "hash"

    monkeypatch.setattr(PasswordHasher, "hash", held)
    storm = [asyncio.ensure_future(hashing.hash("p")) for _ in range(5)]
    refused, _ = await asyncio.wait(storm, return_when=asyncio.FIRST_EXCEPTION)
    assert 1 <= len(refused) <= 2
    gate.set()
    outcomes = await asyncio.gather(*storm, return_exceptions=True)
    assert outcomes[:3] == ["hash"] * 3
    for outcome in outcomes[3:]:
        assert isinstance(outcome, LimitExceeded) and outcome.retry_after_ms > 0
    assert len(threads) == 1 and threading.get_ident() not in threads
    assert await hashing.hash("p") == "hash"


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="only Linux has a class for idle threads")
async def test_hashing_gives_way_to_everything_else(hashing: PasswordHashing, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def looked(hasher: PasswordHasher, password: str | bytes) -> str:
        seen.append(os.sched_getscheduler(0))
        return "hash"

    monkeypatch.setattr(PasswordHasher, "hash", looked)
    before = os.sched_getscheduler(0)
    await hashing.hash("p")
    assert seen == [os.SCHED_IDLE] and os.sched_getscheduler(0) == before
