"""The file of people: what its rows say, checked as far as the file alone can tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from myelin.directory.faults import Fault, FaultyFile
from myelin.directory.tables import Row, read_table
from myelin.matrix.reserved_names import is_reserved
from myelin.matrix.sign_in_names import sign_in_user_id

HEADINGS = {
    "employee_number": ("工号",),
    "name": ("姓名",),
    "department": ("科室",),
    "title": ("职称",),
    "profession": ("职业",),
    "phone": ("电话",),
    "further_posts": ("兼职",),
}
REQUIRED = ("employee_number", "name", "department", "profession")
# As much as people may give themselves where the directory does not name them.
NAME_LIMIT_BYTES = 256
PROFESSIONS = ("医", "护", "技", "药", "管")


class ListedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """One person as a file lists them; departments are paths, `further` are (department, title).

    `directory_id` is the immutable id that some sources have; files have none.
    """

    line: int
    employee_number: str
    user_id: str
    name: str
    department: str
    title: str
    profession: str
    phone: str
    further: tuple[tuple[str, str], ...]
    directory_id: str | None = None


def read_people(path: Path, server_name: str) -> list[ListedPerson]:
    """Return the people of a file; `FaultyFile` with every line that is wrong."""
    return checked(read_table(path, HEADINGS, REQUIRED), server_name)


def checked(rows: Iterable[Row], server_name: str) -> list[ListedPerson]:
    """Return the people of the rows; `FaultyFile` with every line that is wrong."""
    people: list[ListedPerson] = []
    faults: list[Fault] = []
    for row in rows:
        try:
            people.append(listed(row, server_name))
        except FaultyFile as refusal:
            faults += refusal.faults
    faults += collisions(people)
    if faults:
        raise FaultyFile(faults)
    return people


def listed(row: Row, server_name: str) -> ListedPerson:
    """Return one row's person; `FaultyFile` with what is wrong with it."""
    user_id = sign_in_user_id(row["employee_number"], server_name)
    faults = [Fault(row.line, reason) for reason in reasons(row, user_id)]
    if faults or user_id is None:
        raise FaultyFile(faults)
    return ListedPerson(
        line=row.line,
        employee_number=row["employee_number"],
        user_id=user_id,
        name=row["name"],
        department=path_of(row["department"]),
        title=row["title"],
        profession=row["profession"],
        phone=row["phone"],
        further=tuple(dict.fromkeys(further_posts(row))),
    )


def reasons(row: Row, user_id: str | None) -> Iterator[str]:
    """Yield what is wrong with a row by itself."""
    number = row["employee_number"]
    if number and (user_id is None or is_reserved(user_id) or number.startswith("@")):
        yield f"工号 (employee_number) {number} cannot be a number: it is too long, or begins with _ or @"
    for column in REQUIRED:
        if not row[column]:
            yield f"{HEADINGS[column][0]} ({column}) is empty"
    if row["profession"] and row["profession"] not in PROFESSIONS:
        yield f"职业 (profession) is {row['profession']!r}; it is one of {' '.join(PROFESSIONS)}"
    if row["department"] and not path_of(row["department"]):
        yield "科室 (department) names no department"
    shown = "-".join((path_of(row["department"]).rpartition("/")[2], row["title"], row["name"]))
    if len(shown.encode()) > NAME_LIMIT_BYTES:
        yield f"科室-职称-姓名, which everybody sees, is longer than {NAME_LIMIT_BYTES} bytes"
    for department, _ in further_posts(row):
        if not department:
            yield "兼职 (further_posts) holds a post without a department; it is 科室:职称;科室:职称"


def further_posts(row: Row) -> Iterator[tuple[str, str]]:
    """Yield the further posts, each (department, title); a post without a title has that of the person."""
    for post in filter(None, (part.strip() for part in row["further_posts"].split(";"))):
        department, _, title = post.partition(":")
        yield path_of(department), title.strip() or row["title"]


def path_of(text: str) -> str:
    """Return a department's path in one spelling."""
    return "/".join(filter(None, (part.strip() for part in text.split("/"))))


def collisions(people: Sequence[ListedPerson]) -> Iterator[Fault]:
    """Yield the lines whose number another line has already, or one that is equal after folding."""
    first: dict[str, ListedPerson] = {}
    for person in people:
        other = first.setdefault(person.user_id, person)
        if other is not person:
            same = "is" if other.employee_number == person.employee_number else "is equal, but for case, to"
            yield Fault(person.line, f"工号 {person.employee_number} {same} that of line {other.line}")
