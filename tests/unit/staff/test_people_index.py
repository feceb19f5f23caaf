"""Looking people up: by every name that colleagues type, the best match first."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myelin.projections.directory import Department, Person
from myelin.projections.known_people import Known
from myelin.staff.index import PeopleIndex, term_of
from myelin.staff.spelling import Spelling, fold

PATHS = ["内科系统", "内科系统/心内科", "内科系统/心内科/CCU", "外科系统", "外科系统/骨科", "重症医学科", "财务会计科"]
IDS = {path: f"d{number}" for number, path in enumerate(PATHS)}
DEPARTMENTS = {
    IDS[path]: Department(IDS[path], IDS.get(path.rpartition("/")[0]), path.rpartition("/")[2], path) for path in PATHS
}


def known(number: str, name: str, department: str = "内科系统/心内科", title: str = "护师", further: str = "") -> Known:
    person = Person(
        user_id=f"@{number.lower()}:hospital.test",
        employee_number=number,
        name=name,
        department_id=IDS[department],
        department=department,
        title=title,
        profession="护",
        further=((IDS[further], title),) if further else (),
    )
    return Known(
        user_id=person.user_id, is_service=False, display_name=person.display_name, avatar_url=None, person=person
    )


PEOPLE = [
    known("0101", "单小明"),
    known("0102", "仇曾"),
    known("0103", "解乐"),
    known("0104", "曾行"),
    known("0105", "欧阳雪"),
    known("0106", "尉迟华"),
    known("0107", "吕布衣", "外科系统/骨科"),
    known("0108", "王小丹", "外科系统/骨科", further="重症医学科"),
    known("0109", "王丹", "外科系统/骨科", "主任医师"),
    known("0110", "买买提·江", "重症医学科"),
    known("X110", "丹王", "内科系统/心内科/CCU"),
    known("0111", "Anna Lee", "财务会计科"),
]


@pytest.fixture(scope="module")
def index() -> PeopleIndex:
    return index_of(PEOPLE)


def index_of(people: list[Known]) -> PeopleIndex:
    index = PeopleIndex(Spelling())
    index.set_departments(DEPARTMENTS)
    for each in people:
        index.put(each)
    return index


def found(index: PeopleIndex, text: str) -> list[str]:
    return [each.person.name for each in index.matches(term_of(text)) if each.person is not None]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        *[("shan", "单小明"), ("qiu", "仇曾"), ("xie", "解乐"), ("zeng", "曾行"), ("ouyang", "欧阳雪")],
        *[("yuchi", "尉迟华"), ("lv", "吕布衣"), ("lu", "吕布衣"), ("lyu", "吕布衣"), ("lübu", "吕布衣")],
        *[("qiuceng", "仇曾"), ("qiuzeng", "仇曾"), ("zenghang", "曾行"), ("zengxing", "曾行"), ("xieyue", "解乐")],
        *[("ou yang xue", "欧阳雪"), ("OuYang", "欧阳雪"), ("oyx", "欧阳雪"), ("ｏｙｘ", "欧阳雪"), ("yx", "欧阳雪")],
        *[
            ("shàn", "单小明"),
            ("xiaoming", "单小明"),
            ("小明", "单小明"),
            ("  0101 ", "单小明"),
            ("０１０１", "单小明"),
        ],
        *[("@0101:hospital.test", "单小明"), ("x110", "丹王"), ("买买提江", "买买提·江"), ("mmtj", "买买提·江")],
        *[("anna", "Anna Lee"), ("LEE", "Anna Lee"), ("al", "Anna Lee"), ("kuaiji", "Anna Lee"), ("小丹 icu", "")],
        *[("ccu", "丹王"), ("zhongzheng 小丹", "王小丹"), ("王 zzyxk", "王小丹"), ("主任 wang", "王丹")],
    ],
)
def test_people_are_found_by_what_colleagues_type(index: PeopleIndex, typed: str, name: str) -> None:
    assert found(index, typed)[:1] == ([name] if name else [])


def test_a_surname_is_read_as_a_surname_only(index: PeopleIndex) -> None:
    assert "单小明" not in found(index, "dan")
    assert "曾行" not in found(index, "ceng")


def test_the_best_match_comes_first(index: PeopleIndex) -> None:
    assert found(index, "dan") == ["丹王", "王丹", "王小丹"]
    assert found(index, "王")[:2] == ["王丹", "王小丹"]
    assert found(index, "王丹") == ["王丹"]
    assert found(index, "0110") == ["买买提·江"]
    assert set(found(index, "110")) == {"买买提·江", "丹王"}
    # Whoever is called so before whoever works there.
    assert found(index_of([*PEOPLE, known("0200", "古科", "财务会计科")]), "guke")[0] == "古科"


def test_a_department_is_found_with_what_is_below_it(index: PeopleIndex) -> None:
    assert set(found(index, "骨科")) == set(found(index, "guke")) == {"吕布衣", "王小丹", "王丹"}
    assert set(found(index, "内科系统")) >= {"单小明", "丹王"}
    assert set(found(index, "重症")) == {"王小丹", "买买提·江"}


def test_what_is_no_word_finds_nobody(index: PeopleIndex) -> None:
    for typed in ("", "   ", "\x01", "\x02\x00", ".*", "%", "'", "@", "😀", "\u200b", "(a+)+$?"):
        assert found(index, typed) == found(index, fold(typed))
        assert found(index, typed) == [] or "a" in typed


def test_what_changes_is_found_anew_and_what_goes_is_not() -> None:
    index = index_of(PEOPLE)
    index.put(known("0101", "郝小明", "外科系统/骨科"))
    assert found(index, "shan") == []
    assert found(index, "hao 骨科") == ["郝小明"]
    index.drop("@0101:hospital.test")
    index.drop("@0101:hospital.test")
    assert found(index, "hao") == []
    assert index.get("@0101:hospital.test") is None
    assert len(index) == len(PEOPLE) - 1


def test_a_renamed_department_names_whose_lines_must_change() -> None:
    index = index_of(PEOPLE)
    renamed = {**DEPARTMENTS, IDS["重症医学科"]: Department(IDS["重症医学科"], None, "ICU", "ICU")}
    assert index.set_departments(renamed) == {"@0108:hospital.test", "@0110:hospital.test"}
    for each in PEOPLE:
        index.put(each)
    assert set(found(index, "icu")) == {"王小丹", "买买提·江"}
    assert found(index, "zhongzheng") == []


words = st.text(st.sampled_from("王单小明丹ouyangwx01 ·"), max_size=6)


@given(st.lists(words, max_size=6), words)
def test_every_part_of_what_is_written_is_found(names: list[str], typed: str) -> None:
    people = [known(f"{number:03}", name) for number, name in enumerate(names)]
    term = term_of(typed)
    matches = [each.user_id for each in index_of(people).matches(term)]
    assert len(matches) == len(set(matches))
    for each in people:
        assert each.person is not None
        if term.words and all(word in fold(each.person.name) for word in term.words):
            assert each.user_id in matches


@given(st.text(max_size=40))
def test_whatever_is_typed_is_answered(typed: str) -> None:
    list(islice(index_of(PEOPLE[:3]).matches(term_of(typed)), 5))
