"""Health: what is wrong is said, asked for once a second at most, and told when it changes."""

import logging
from dataclasses import dataclass

import orjson
import pytest

from myelin.admin.health import FRESH_S, Figures, Health
from myelin.http.messages import Request
from myelin.http.proxies import Proxies

FIGURES = Figures(head=lambda: 41, processes=lambda: 2)


@dataclass
class World:
    """Our clock, the database's, and whether the database answers."""

    now_ms: int = 1_000_000
    ahead_ms: int = 0
    answers: bool = True
    asked: int = 0

    async def database_clock(self) -> int:
        self.asked += 1
        if not self.answers:
            raise ConnectionRefusedError
        return self.now_ms + self.ahead_ms

    def clock_ms(self) -> int:
        return self.now_ms

    def clock_s(self) -> float:
        return self.now_ms / 1000

    def pass_time(self) -> None:
        self.now_ms += int(FRESH_S * 1000)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def health(world: World) -> Health:
    return Health(world, FIGURES, Proxies([]), world.clock_ms, world.clock_s)


async def ask(health: Health, peer: str = "203.0.113.7") -> tuple[int, dict[str, object]]:
    answer = await health.get(Request("GET", (), b"", {}, b"", peer, peer))
    return answer.status, orjson.loads(answer.body)


async def test_all_is_well(health: Health) -> None:
    assert await ask(health) == (200, {"status": "ok"})
    assert await ask(health, "127.0.0.1") == (
        200,
        {"status": "ok", "head": 41, "processes": 2, "clock_difference_ms": 0},
    )


@pytest.mark.parametrize(("ahead_ms", "status"), [(2000, 200), (-2000, 200), (2001, 503), (-2001, 503)])
async def test_clocks_may_differ_by_two_seconds(health: Health, world: World, ahead_ms: int, status: int) -> None:
    world.ahead_ms = ahead_ms
    answered, said = await ask(health)
    assert answered == status
    assert status == 200 or "clocks" in str(said["problems"])


async def test_a_lost_database_is_said_and_its_return_too(
    health: Health, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    world.answers = False
    assert await ask(health) == (503, {"status": "failing", "problems": ["the database does not answer"]})
    world.answers = True
    world.pass_time()
    assert await ask(health) == (200, {"status": "ok"})
    assert [record.getMessage() for record in caplog.records if record.getMessage().startswith("health")] == [
        "health: the database does not answer",
        "health: all is well again",
    ]


async def test_many_who_ask_are_one_question(health: Health, world: World) -> None:
    for _ in range(50):
        await ask(health)
    assert world.asked == 1
    world.pass_time()
    await ask(health)
    assert world.asked == 2
