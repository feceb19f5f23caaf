"""What the story of a day's work (daily.mjs) has to say: what the server answers is what the SDK understands."""

import pytest

from tests.clients.accounts import Account, register
from tests.clients.js.stories import Step, steps_of, the

pytestmark = [pytest.mark.clients, pytest.mark.slow]


@pytest.fixture(scope="module")
def people(myelin_url: str) -> dict[str, Account]:
    url = myelin_url.rstrip("/")
    return {"nurse": register(url, "wang"), "doctor": register(url, "li")}


@pytest.fixture(scope="module")
def steps(people: dict[str, Account]) -> list[Step]:
    return steps_of("daily.mjs", people)


def test_answers_make_a_thread(steps: list[Step]) -> None:
    thread = the(steps, "thread")
    assert (thread["root"], thread["length"], thread["last"]) == ("bed 3: potassium?", 2, "3.1")


def test_a_message_is_shown_as_edited(steps: list[Step]) -> None:
    assert the(steps, "edit")["text"] == "3.7"


def test_reactions_are_counted(steps: list[Step]) -> None:
    assert the(steps, "reaction")["reactions"] == [["👍", 1]]


def test_a_thread_has_receipts_of_its_own(steps: list[Step]) -> None:
    assert the(steps, "receipt")["thread"] is True


def test_a_picture_has_a_thumbnail(steps: list[Step]) -> None:
    thumbnail = the(steps, "thumbnail")
    assert thumbnail["status"] == 200 and thumbnail["bytes"] > 0
    assert thumbnail["type"] in ("image/png", "image/jpeg")


def test_a_delayed_event_comes(steps: list[Step]) -> None:
    delayed = the(steps, "delayed")
    assert delayed["delay_id"] and delayed["text"] == "round at nine"


def test_people_are_found(steps: list[Step], people: dict[str, Account]) -> None:
    assert the(steps, "found")["user_ids"] == [people["nurse"].user_id]


def test_a_profile_has_fields_of_ones_own(steps: list[Step]) -> None:
    assert the(steps, "profile")["pager"] == "4711"
