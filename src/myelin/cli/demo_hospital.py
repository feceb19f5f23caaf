"""The demo hospital: people who are nobody (their names are the placeholders of Chinese textbooks), and their rooms."""

from __future__ import annotations

import msgspec

HOSPITAL = "示范医院"
PASSWORD = "myelin-demo"


class Person(msgspec.Struct, frozen=True):
    """One of the staff: employee number, department, title, name."""

    number: str
    department: str
    title: str
    name: str

    @property
    def display_name(self) -> str:
        return f"{self.department}-{self.title}-{self.name}"


class DemoRoom(msgspec.Struct, frozen=True):
    """A room of a kind; the first of its people makes it."""

    alias: str
    kind: str
    name: str
    topic: str
    numbers: tuple[str, ...]


STAFF = (
    Person("1001", "心内科", "主任医师", "张三"),
    Person("1002", "心内科", "主治医师", "李四"),
    Person("1003", "心内科", "住院医师", "王五"),
    Person("1004", "心内科", "护士长", "赵六"),
    Person("1005", "心内科", "护士", "钱七"),
    Person("1006", "急诊科", "副主任医师", "孙八"),
    Person("1007", "急诊科", "护士", "周九"),
    Person("1008", "检验科", "主管技师", "吴十"),
    Person("1009", "放射科", "主治医师", "郑一"),
    Person("1010", "手术室", "麻醉医师", "冯二"),
    Person("1011", "药学部", "主管药师", "陈三"),
    Person("1012", "信息科", "工程师", "褚四"),
)

ROOMS = (
    DemoRoom("xinneike", "department", "心内科", "全科的工作群", ("1001", "1002", "1003", "1004", "1005")),
    DemoRoom("jizhenke", "department", "急诊科", "全科的工作群", ("1006", "1007")),
    DemoRoom("mdt", "group", "多学科讨论", "会诊与疑难病例讨论", ("1001", "1002", "1006", "1009", "1010", "1011")),
    DemoRoom("yebanjiaoban", "group", "夜班交班", "今晚的交接", ("1003", "1005", "1007")),
    DemoRoom("gonggao", "broadcast", "全院公告", "信息科发布", ("1012", *(person.number for person in STAFF[:-1]))),
)
