"""From a list to a plan: what the plan makes of a directory is what the list says, and then nothing is left to do."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from myelin.directory.comparison import plan_of
from myelin.directory.faults import FaultyFile
from myelin.directory.people_file import ListedPerson
from myelin.entries.directory_plan import DirectoryPlan
from myelin.projections.directory import Directory, Person, as_tree

NOBODY = Directory({}, {})


def listed(number: str, department: str, *further: tuple[str, str], title: str = "医师") -> ListedPerson:
    return ListedPerson(
        line=2,
        employee_number=number,
        user_id=f"@{number}:hospital.test",
        name=f"某{number}",
        department=department,
        title=title,
        profession="医",
        phone="",
        further=further,
    )


def plan(now: Directory, people: list[ListedPerson], full: bool = False) -> DirectoryPlan:
    # Ids are given once, whichever plan they come from.
    return plan_of(now, people, frozenset(), full, lambda: f"d{next(NUMBERS)}")


NUMBERS = itertools.count()


def carried_out(now: Directory, plan: DirectoryPlan) -> Directory:
    """The directory after a plan, made from nothing but the plan."""
    found = {item.department_id: (item.parent_id, item.name) for item in now.departments.values()}
    found |= {item.department_id: (item.parent_id, item.name) for item in plan.departments}
    found = {name: item for name, item in found.items() if name not in plan.removed_departments}
    departments = {item.department_id: item for item in as_tree(found)}
    people = {name: person for name, person in now.people.items() if name not in plan.leaving}
    for item in plan.people:
        people[item.user_id] = Person(
            user_id=item.user_id,
            employee_number=item.body.employee_number,
            name=item.body.name,
            department_id=item.department_id,
            department=departments[item.department_id].path,
            title=item.body.title,
            profession=item.profession,
            phone=item.body.phone,
            further=tuple(zip(item.further, item.body.further_titles, strict=True)),
            directory_id=item.directory_id,
        )
        assert people[item.user_id].display_name == item.display_name
    return Directory(departments, people)


PATHS = st.sampled_from(
    ["内科/心内科", "内科/心内科/病房", "内科/呼吸科", "外科", "外科/骨科", "急诊科", "内科", "临床/内科/心内科"]
)
LISTS = st.dictionaries(
    st.sampled_from([str(number) for number in range(8)]),
    st.tuples(PATHS, st.lists(st.tuples(PATHS, st.just("顾问")), max_size=2)),
    max_size=8,
).map(lambda found: [listed(number, path, *further) for number, (path, further) in found.items()])


@given(st.lists(st.tuples(LISTS, st.booleans()), max_size=4))
def test_carrying_out_a_plan_makes_the_directory_what_the_list_says(
    lists: list[tuple[list[ListedPerson], bool]],
) -> None:
    now = NOBODY
    for people, full in lists:
        after = carried_out(now, plan(now, people, full))
        for person in people:
            found = after.people[person.user_id]
            assert found.department == person.department
            assert [(after.departments[name].path, title) for name, title in found.further] == list(person.further)
        if full:
            assert set(after.people) == {person.user_id for person in people}
        else:
            assert set(after.people) >= set(now.people)
        paths = [item.path for item in after.departments.values()]
        assert len(paths) == len(set(paths))
        assert plan(after, people, full).is_empty, "to import it again changes nothing"
        now = after


def test_a_renamed_department_keeps_its_id_and_everybody_a_new_name() -> None:
    before = carried_out(
        NOBODY, plan(NOBODY, [listed("1", "内科/心内科"), listed("2", "内科/心内科"), listed("3", "外科")])
    )
    renaming = plan(before, [listed("1", "内科/心血管内科"), listed("2", "内科/心血管内科")])
    (department,) = renaming.departments
    assert before.departments[department.department_id].path == "内科/心内科"
    assert [person.display_name for person in renaming.people] == ["心血管内科-医师-某1", "心血管内科-医师-某2"]
    assert not renaming.removed_departments


def test_a_renamed_system_keeps_its_id_though_only_those_below_have_people() -> None:
    people = [listed("1", "内科系统/心内科"), listed("2", "内科系统/呼吸科")]
    before = carried_out(NOBODY, plan(NOBODY, people))
    for full in (False, True):
        renaming = plan(before, [listed("1", "大内科/心内科"), listed("2", "大内科/呼吸科")], full)
        after = carried_out(before, renaming)
        assert after.departments.keys() == before.departments.keys()
        assert {item.path for item in after.departments.values()} == {"大内科", "大内科/心内科", "大内科/呼吸科"}
        assert [item.name for item in renaming.departments] == ["大内科"], "those below are as they were"
        assert not renaming.people, "and so is everybody's name"


def test_departments_without_people_go_where_those_above_go() -> None:
    before = carried_out(
        NOBODY, plan(NOBODY, [listed("1", "内科"), listed("2", "内科/病房"), listed("3", "内科/病房")])
    )
    emptied = carried_out(before, plan(before, [listed("2", "外科"), listed("3", "急诊科")]))
    renamed = carried_out(emptied, plan(emptied, [listed("1", "大内科")]))
    assert {item.path for item in renamed.departments.values()} == {"大内科", "大内科/病房", "外科", "急诊科"}
    assert renamed.departments.keys() == emptied.departments.keys()


def test_who_moves_alone_does_not_rename_the_department() -> None:
    before = carried_out(NOBODY, plan(NOBODY, [listed("1", "心内科"), listed("2", "心内科")]))
    moving = plan(before, [listed("1", "康复科")])
    assert [department.name for department in moving.departments] == ["康复科"]
    assert moving.departments[0].department_id not in before.departments


def test_of_departments_that_become_one_the_largest_keeps_its_id() -> None:
    people = [listed("1", "甲"), listed("2", "乙"), listed("3", "乙")]
    before = carried_out(NOBODY, plan(NOBODY, people))
    merging = plan(before, [listed(number, "丙") for number in "123"], full=True)
    (department,) = merging.departments
    assert before.departments[department.department_id].path == "乙"
    assert [before.departments[name].path for name in merging.removed_departments] == ["甲"]


def test_numbers_of_people_who_left_are_never_given_again() -> None:
    with pytest.raises(FaultyFile, match="never given again"):
        plan_of(NOBODY, [listed("1", "内科")], frozenset(["@1:hospital.test"]), False, lambda: "d")


def known(directory_id: str | None = None) -> Directory:
    """A directory of one person, with the id that they have in the source it came from."""
    return carried_out(NOBODY, plan(NOBODY, [structs.replace(listed("a7", "内科"), directory_id=directory_id)]))


@pytest.mark.parametrize(
    ("now", "person", "reason"),
    [
        (known(), structs.replace(listed("a7", "内科"), employee_number="A7"), "equal, but for case, to a7"),
        (known("x"), structs.replace(listed("a7", "内科"), directory_id="y"), "somebody with another id"),
        (known("x"), structs.replace(listed("b8", "内科"), directory_id="x"), "is known, with 工号 a7"),
    ],
)
def test_who_is_known_as_somebody_else_is_refused(now: Directory, person: ListedPerson, reason: str) -> None:
    with pytest.raises(FaultyFile, match=f"line 2: .*{reason}"):
        plan(now, [person])


def test_an_id_that_is_known_stays_known_to_sources_without_one() -> None:
    now = known("x")
    assert plan(now, [listed("a7", "内科")]).is_empty
    (person,) = plan(now, [listed("a7", "内科", title="主任")]).people
    assert person.directory_id == "x"
