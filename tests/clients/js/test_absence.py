"""What the story of who was not there (absence.mjs) has to say: dehydrated devices, and history shared on invite."""

import pytest

from tests.clients.accounts import register
from tests.clients.js.stories import Step, steps_of, texts, the

pytestmark = [pytest.mark.clients, pytest.mark.slow]

SAID = ["while both are there", "while nobody is there"]


@pytest.fixture(scope="module")
def steps(myelin_url: str) -> list[Step]:
    url = myelin_url.rstrip("/")
    names = {"nurse": "wang", "doctor": "li", "chief": "zhao"}
    return steps_of("absence.mjs", {role: register(url, name) for role, name in names.items()})


def test_the_client_finds_that_devices_can_be_dehydrated(steps: list[Step]) -> None:
    assert the(steps, "supported")["supported"] is True
    assert len(the(steps, "dehydrated")["devices"]) == 2


def test_what_was_said_to_nobody_is_sealed_without_it(steps: list[Step]) -> None:
    assert texts(the(steps, "before rehydration")) == [SAID[0], "sealed"]


def test_the_dehydrated_device_opens_it_on_a_new_one(steps: list[Step]) -> None:
    rehydrated = the(steps, "rehydrated")
    assert texts(rehydrated) == SAID
    # Another one waits for the next time.
    assert len(rehydrated["devices"]) == 2 and rehydrated["old"] not in rehydrated["devices"]


def test_who_is_invited_reads_what_was_said_before(steps: list[Step]) -> None:
    assert texts(the(steps, "shared")) == SAID
