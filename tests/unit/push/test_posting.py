"""Posting stays within its bounds: in time, in what is read, and in where it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx
import pytest

from myelin.push.addresses import Addresses
from myelin.push.posting import NO_ANSWER, Answer, Posting
from tests.gateways import plain, push_gateway


async def loopback(_host: str) -> Sequence[str]:
    return ["127.0.0.1"]


async def posted(url: str, is_public: bool = False) -> Answer:
    async with httpx.AsyncClient(trust_env=False) as client:
        posting = Posting(client, Addresses(loopback, lambda: 0.0))
        return await posting.post(url, b"{}", {}, is_public)


def test_an_answer_comes_back() -> None:
    async def story() -> None:
        async with push_gateway() as gateway:
            gateway.answer = lambda told: plain("429 Too Many", b"slow down", "retry-after: 7")
            assert await posted(gateway.url) == Answer(429, b"slow down", 7.0)

    asyncio.run(story())


def test_a_name_that_leads_inside_is_not_asked() -> None:
    async def story() -> None:
        async with push_gateway() as gateway:
            assert await posted(gateway.url.replace("127.0.0.1", "push.example"), is_public=True) == NO_ANSWER
            assert gateway.connections == 0

    asyncio.run(story())


def test_who_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("myelin.push.posting.TIMEOUT_S", 0.3)

    async def story() -> None:
        async with push_gateway() as gateway:
            gateway.drips = True
            assert await posted(gateway.url) == NO_ANSWER

    asyncio.run(story())


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/x", f"http://{'x' * 70}.example/", "http://", "nothing", "https://127.0.0.1:1/"]
)
def test_where_nobody_is_there_is_no_answer(url: str) -> None:
    assert asyncio.run(posted(url)) == NO_ANSWER
