import pytest

from myelin.matrix.errors import UnsupportedRoomVersion
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import DEFAULT_ROOM_VERSION, ROOM_VERSIONS, room_version

ALICE, BOB = "@alice:example.org", "@bob:example.org"


def test_three_versions_are_spoken_and_the_newest_is_the_default() -> None:
    assert list(ROOM_VERSIONS) == ["10", "11", "12"]
    assert DEFAULT_ROOM_VERSION == "12"
    assert all(room_version(text).id == text for text in ROOM_VERSIONS)


@pytest.mark.parametrize("text", ["", "9", "13", "org.example.mine", "12 "])
def test_others_are_refused(text: str) -> None:
    with pytest.raises(UnsupportedRoomVersion):
        room_version(text)


@pytest.mark.parametrize(
    ("version", "content", "creators"),
    [
        ("10", {"creator": BOB}, {BOB}),
        ("10", {}, set()),
        ("11", {"creator": BOB, "additional_creators": [BOB]}, {ALICE}),
        ("12", {}, {ALICE}),
        ("12", {"additional_creators": [BOB, ALICE]}, {ALICE, BOB}),
    ],
)
def test_creators(version: str, content: JsonObject, creators: set[str]) -> None:
    assert room_version(version).creators(ALICE, content) == creators
