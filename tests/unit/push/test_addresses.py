import asyncio
from collections.abc import Sequence

import pytest

from myelin.push.addresses import Addresses, NotPublic, is_public


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:10.0.0.1",
        "ff02::1",
    ],
)
def test_addresses_of_a_network_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["142.250.185.74", "2a00:1450:4001:829::200a"])
def test_addresses_of_the_world_are(address: str) -> None:
    assert is_public(address)


def test_a_host_with_one_address_inside_is_not_asked() -> None:
    answers: list[Sequence[str]] = [["142.250.185.74", "10.0.0.1"], [], ["142.250.185.74"], ["10.0.0.1"]]

    async def resolve(_host: str) -> Sequence[str]:
        return answers.pop(0)

    async def story() -> None:
        now_s = 0.0
        addresses = Addresses(resolve, lambda: now_s)
        for _ in range(2):
            with pytest.raises(NotPublic):
                await addresses.public("push.example")
        assert await addresses.public("push.example") == "142.250.185.74"
        now_s = 59.0
        assert await addresses.public("push.example") == "142.250.185.74"
        now_s = 61.0
        with pytest.raises(NotPublic):
            await addresses.public("push.example")

    asyncio.run(story())
