"""A hospital of any size, made up: people with common names in departments four levels deep, always the same."""

from __future__ import annotations

import random
from collections.abc import Iterator

from myelin.staff.spelling import Spelling

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔单仇解"
)
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉力建国华志海燕玲红波鑫宇浩凯健俊帆雪荣飞鹏乐行重"
PARTS = "心肾肝肺脑骨血消化呼吸内外妇儿眼耳口鼻皮肤肿瘤康复麻醉检验影像急诊重症"
ENDINGS = ("科", "病区", "中心", "门诊")
POSTS = (("主任医师", "医"), ("主治医师", "医"), ("住院医师", "医"), ("护师", "护"), ("护士", "护"), ("主管药师", "药"))


def departments(count: int) -> list[str]:
    """Paths of departments, each parent before its children."""
    random_of = random.Random(count)
    paths: list[str] = []
    for number in range(count):
        name = "".join(random_of.sample(PARTS, random_of.randint(1, 3))) + random_of.choice(ENDINGS) + str(number)
        parents = [path for path in paths[: count // 10] if path.count("/") < 3]
        paths.append(f"{random_of.choice(parents)}/{name}" if len(parents) > 20 else name)
    return paths


def name_of(number: int) -> str:
    random_of = random.Random(number)
    return random_of.choice(SURNAMES) + "".join(random_of.choices(GIVEN, k=random_of.choice((1, 2, 2))))


def number_of(number: int) -> str:
    return f"{number:06}"


def hospital_table(people: int, department_count: int) -> str:
    """A file for `myelin directory import`."""
    return "\n".join(["工号,姓名,科室,职称,职业,电话", *lines(people, departments(department_count))])


def lines(people: int, paths: list[str]) -> Iterator[str]:
    for number in range(people):
        title, profession = POSTS[number % len(POSTS)]
        place = paths[number % len(paths)]
        yield f"{number_of(number)},{name_of(number)},{place},{title},{profession},{80000 + number}"


def typed(number: int) -> str:
    """What somebody types who looks for this person: their ways take turns."""
    name = name_of(number)
    reading = Spelling().of_name(name)[0]
    ways = (
        name,
        name[1:],
        name[0],
        "".join(reading),
        "".join(reading)[:4],
        reading[0],
        "".join(syllable[0] for syllable in reading),
        number_of(number),
        number_of(number)[:5],
        f"{name[0]} 科",
        f"{reading[0]} ke",
        "门诊",
    )
    return ways[number % len(ways)]
