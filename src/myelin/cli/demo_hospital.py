"""The demo hospital: people who are nobody (their names are the placeholders of Chinese textbooks), and their groups.

The rooms of the departments and of the announcements follow from the directory.
"""

from __future__ import annotations

import msgspec

HOSPITAL = "示范医院"
PASSWORD = "myelin-demo"


class Person(msgspec.Struct, frozen=True):
    """One of the staff: employee number, the path of the department, title, profession, name, telephone."""

    number: str
    department: str
    title: str
    profession: str
    name: str
    phone: str


class DemoRoom(msgspec.Struct, frozen=True):
    """A room of a kind; the first of its people makes it."""

    alias: str
    kind: str
    name: str
    topic: str
    numbers: tuple[str, ...]


STAFF = (
    Person("1001", "内科系统/心内科", "主任医师", "医", "张三", "6101"),
    Person("1002", "内科系统/心内科", "主治医师", "医", "李四", "6102"),
    Person("1003", "内科系统/心内科", "住院医师", "医", "王五", "6103"),
    Person("1004", "内科系统/心内科", "护士长", "护", "赵六", "6104"),
    Person("1005", "内科系统/心内科", "护士", "护", "钱七", "6105"),
    Person("1006", "急诊科", "副主任医师", "医", "孙八", "6201"),
    Person("1007", "急诊科", "护士", "护", "周九", "6202"),
    Person("1008", "医技系统/检验科", "主管技师", "技", "吴十", "6301"),
    Person("1009", "医技系统/放射科", "主治医师", "医", "郑一", "6302"),
    Person("1010", "外科系统/手术室", "麻醉医师", "医", "冯二", "6401"),
    Person("1011", "药学部", "主管药师", "药", "陈三", "6501"),
    Person("1012", "信息科", "工程师", "管", "褚四", "6601"),
)
ANNOUNCERS = ("1012",)

ROOMS = (
    DemoRoom("mdt", "group", "多学科讨论", "会诊与疑难病例讨论", ("1001", "1002", "1006", "1009", "1010", "1011")),
    DemoRoom("yebanjiaoban", "group", "夜班交班", "今晚的交接", ("1003", "1005", "1007")),
)
