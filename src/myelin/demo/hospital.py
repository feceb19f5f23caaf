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


class Duty(msgspec.Struct, frozen=True):
    """A role, the number of whoever has it, and the roles that answer in turn where nobody has."""

    role: str
    number: str
    fallback: tuple[str, ...]


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
ANNOUNCEMENTS = (
    "欢迎使用 Myelin。科室群已按通讯录建好，找同事请点“通讯录”，可搜姓名、拼音或工号。",
    "“值班”里可以查到各科一线、二线和总值班，点按即可发消息或拨打电话。",
    "本周五 17:00 门诊楼停电检修 30 分钟，请各科提前保存工作。",
)

# Standing duties, without times: who answers whenever no shift says otherwise.
DUTIES = (
    Duty("总值班", "1006", ()),
    Duty("心内科-一线", "1003", ("心内科-二线", "总值班")),
    Duty("心内科-二线", "1002", ("总值班",)),
    Duty("急诊科-一线", "1006", ("总值班",)),
    Duty("检验科-一线", "1008", ("总值班",)),
    Duty("放射科-一线", "1009", ("总值班",)),
)

# The name and the title of the service that speaks for the laboratory.
SERVICE = ("_lab", "检验科")

CARDIOLOGY = "心内科"
MDT = "多学科讨论"
NIGHT = "夜班交班"
SAMPLES = "检验联络"

ROOMS = (
    DemoRoom("mdt", "group", MDT, "会诊与疑难病例讨论", ("1001", "1002", "1003", "1006", "1009", "1010", "1011")),
    DemoRoom("yebanjiaoban", "group", NIGHT, "今晚的交接", ("1003", "1004", "1005", "1007")),
    DemoRoom("jianyan", "group", SAMPLES, "送检、复查与报告", ("1008", "1002", "1004", "1006", "1007")),
)

# Who signs in by the three links, and what each may try first.
DOCTOR, NURSE, LABORATORY = "1003", "1005", "1008"
# Whoever comes with another client signs in as this one; everybody else writes and answers by themselves.
FREE = "1012"
COLLEAGUES = tuple(each.number for each in STAFF if each.number not in (DOCTOR, NURSE, LABORATORY, FREE))
