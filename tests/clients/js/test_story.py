"""What the story told by matrix-js-sdk (story.mjs) has to say, step by step."""

import msgspec
import pytest

from tests.clients.accounts import Account, register
from tests.clients.js.stories import Step, steps_of

pytestmark = [pytest.mark.clients, pytest.mark.slow]

REPORTS = [f"report {number}" for number in range(1, 13)]
ORDERS = [f"order {number}" for number in range(1, 13)]
# The nurse and the doctor take turns; only a device that was not sending sees that order without its own echo.
IN_TURN = [text for pair in zip(REPORTS, ORDERS, strict=True) for text in pair]
AFTERWARDS = ["from the tablet", "to both devices"]


class People(msgspec.Struct, frozen=True):
    nurse: Account
    doctor: Account


@pytest.fixture(scope="module")
def people(myelin_url: str) -> People:
    url = myelin_url.rstrip("/")
    return People(register(url, "wang"), register(url, "li"))


@pytest.fixture(scope="module")
def steps(people: People) -> list[Step]:
    """The steps of one run of the story."""
    return steps_of("story.mjs", {"nurse": people.nurse, "doctor": people.doctor})


def named(steps: list[Step], name: str) -> list[Step]:
    found = [step for step in steps if step["step"] == name]
    assert found, f"the story has no step {name!r}"
    return found


def texts(step: Step, sender: str | None = None) -> list[str]:
    return [each.get("text", "sealed") for each in step["messages"] if sender in (None, each["sender"])]


def test_accounts_get_an_identity_secret_storage_and_a_backup(steps: list[Step], people: People) -> None:
    set_up = named(steps, "set up")
    assert [step["user_id"] for step in set_up] == [people.nurse.user_id, people.doctor.user_id]
    for step in set_up:
        assert step["cross_signing_ready"] and step["secret_storage_ready"] and step["backup_version"]


def test_each_sees_the_others_device_as_signed_by_its_owner(steps: list[Step]) -> None:
    (trust,) = named(steps, "trust")
    assert trust["nurse_sees"] is True
    assert trust["doctor_sees"] is True


def test_both_read_every_message_once_and_in_order(steps: list[Step], people: People) -> None:
    conversations = named(steps, "conversation")
    assert len(conversations) == 2
    for conversation in conversations:
        assert texts(conversation, people.nurse.user_id) == REPORTS
        assert texts(conversation, people.doctor.user_id) == ORDERS
        assert len(conversation["messages"]) == len(IN_TURN)


def test_a_new_device_can_read_nothing_before_recovery(steps: list[Step]) -> None:
    (before,) = named(steps, "before recovery")
    assert texts(before) == ["sealed"] * len(IN_TURN)
    assert before["signed"] is False


def test_the_recovery_key_brings_the_past_to_the_new_device(steps: list[Step]) -> None:
    (backed_up,), (recovered,), (after,) = (named(steps, name) for name in ("backed up", "recovered", "after recovery"))
    assert backed_up["sessions"] == recovered["imported"] == recovered["total"] == 2
    assert recovered["cross_signing_ready"] and recovered["secret_storage_ready"] and recovered["backup_version"]
    assert texts(after) == IN_TURN
    assert after["signed"] is True


def test_the_new_device_takes_part(steps: list[Step]) -> None:
    ends = {step["device"]: step for step in named(steps, "at the end")}
    assert ends.keys() == {"nurse's phone", "doctor's phone", "doctor's tablet"}
    assert texts(ends["doctor's tablet"]) == [*IN_TURN, *AFTERWARDS]
    for step in ends.values():
        assert sorted(texts(step)) == sorted([*IN_TURN, *AFTERWARDS])
