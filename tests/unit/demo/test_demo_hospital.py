"""What is said and who is there in the demo hospital."""

from __future__ import annotations

import re

import pytest

from myelin.api.session.login_tokens import LoginTokens
from myelin.demo.answers import LONGEST_NOD, answer_to
from myelin.demo.hospital import COLLEAGUES, DOCTOR, FREE, LABORATORY, NURSE, PASSWORD, ROOMS, STAFF
from myelin.demo.running import addresses, demo_settings, links_of
from myelin.demo.scenes import DIRECT, SCENES, Line, Reaction
from myelin.demo.welcome import welcome
from myelin.settings import Listen, Settings, SettingsError

DEPARTMENTS = {person.number: person.department.rpartition("/")[2] for person in STAFF}
LONGEST_LINE = 60


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("here") / "myelin", listen=(Listen("127.0.0.1", 9000),))


def test_everybody_is_a_newcomer_a_colleague_or_free() -> None:
    assert {DOCTOR, NURSE, LABORATORY, FREE, *COLLEAGUES} == {person.number for person in STAFF}


@pytest.mark.parametrize("newcomer", SCENES)
def test_a_scene_can_be_played(newcomer: str) -> None:
    scene = SCENES[newcomer]
    members = {room.name: room.numbers for room in ROOMS}
    for place, line in enumerate(scene):
        assert line.by in COLLEAGUES
        if isinstance(line, Reaction):
            assert line.to < place
            continue
        assert line.answers is None or isinstance(scene[line.answers], Line)
        present = members.get(line.room) or [
            name for name, department in DEPARTMENTS.items() if department == line.room
        ]
        if line.room != DIRECT:
            assert {line.by, newcomer, *line.mentions} <= set(present)
        assert len(line.text) <= LONGEST_LINE
    assert any(isinstance(line, Line) and line.asks_h for line in scene)
    assert any(isinstance(line, Line) and line.room == DIRECT for line in scene)


def test_patients_are_placeholders() -> None:
    said = "".join(line.text for scene in SCENES.values() for line in scene if isinstance(line, Line))
    assert set(re.findall(r".{2}病人[^，。：]", said)) <= {"演示病人甲", "演示病人乙"}


@pytest.mark.parametrize("said", ["收到", "好的", "OK", "护士站收到，19:30 到"])
def test_a_nod_is_answered_by_a_nod(said: str) -> None:
    assert answer_to(said).reaction == "👍"
    assert answer_to(said + "，" + "另外还有一件事情想请教" * LONGEST_NOD).text is not None


@pytest.mark.parametrize(
    "said", ["", "   ", "?", "x" * 60_000, "<b>", "\u202e", "演示病人甲的血钾结果呢？", "Hello", None]
)
def test_whatever_is_said_gets_one_answer(said: str | None) -> None:
    answer = answer_to(said)
    assert (answer.text is None) != (answer.reaction is None)


def test_the_demo_stays_on_this_machine(settings: Settings) -> None:
    chosen = demo_settings(settings)
    assert [str(each) for each in chosen.listen] == ["127.0.0.1:9000", "127.0.0.1:9001", "127.0.0.1:9002"]
    assert chosen.data_dir.name == "myelin-demo"
    given = [Listen("127.0.0.1", port) for port in (1, 5, 9)]
    assert addresses(given) == tuple(given)
    outside = Settings(data_dir=settings.data_dir, listen=(Listen("127.0.0.1", 1), Listen("10.0.0.1", 80)))
    with pytest.raises(SettingsError, match="this machine only"):
        demo_settings(outside)


def test_a_link_shows_nothing_to_a_server(settings: Settings) -> None:
    tokens = LoginTokens(bytes, lambda: 0)
    links = links_of(demo_settings(settings), tokens)
    assert [number for number, _ in links] == [DOCTOR, NURSE, LABORATORY]
    for _, link in links:
        assert PASSWORD not in link.partition("#")[0]
        assert link in welcome(links)
    assert len({link.partition("/#")[0] for _, link in links}) == 3
