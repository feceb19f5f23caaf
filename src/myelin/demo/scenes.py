"""What the colleagues say to a newcomer, in order. Every patient is a placeholder, and no value belongs to anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from myelin.demo.hospital import CARDIOLOGY, DOCTOR, LABORATORY, MDT, NIGHT, NURSE, SAMPLES

# In place of a group's name: the direct chat with the newcomer.
DIRECT = ""


class Line(msgspec.Struct, frozen=True):
    """One message: who says it, where, and what; `answers` is the place of an earlier line in the scene.

    `asks` is for how many hours everybody in the room is asked for 收到; `mentions` are employee numbers.
    """

    by: str
    room: str
    text: str
    answers: int | None = None
    asks_h: int = 0
    mentions: tuple[str, ...] = ()


class Reaction(msgspec.Struct, frozen=True):
    """A reaction on an earlier line of the scene."""

    by: str
    to: int
    key: str


SCENES: Mapping[str, Sequence[Line | Reaction]] = {
    NURSE: (
        Line(
            "1002",
            DIRECT,
            "钱老师，我是今晚二线李四。3 床演示病人甲 20 点要复查血钾，标本送出后麻烦告诉我一声，可以吗？",
        ),
        Line("1004", CARDIOLOGY, "今晚交班提前到 19:30，请各位收到后点“收到”。", asks_h=12),
        Line("1001", CARDIOLOGY, "医生组 19:30 到护士站。", answers=1),
        Reaction("1002", 1, "👍"),
        Line("1007", NIGHT, "急诊有一位演示病人乙，拟收心内科 5 床，预计 21 点转过去。"),
        Line("1004", NIGHT, "5 床已经准备好，心电监护和氧气都在床旁。", answers=4),
        Line("1007", NIGHT, "好，出发前我再给护士站打电话。", mentions=(NURSE,)),
        Line("1002", DIRECT, "结果回来先打值班电话 6102，再在这里回我，谢谢。"),
        Reaction("1007", 5, "❤️"),
    ),
    DOCTOR: (
        Line(
            "1006", DIRECT, "王医生，我是今晚总值班孙八。急诊的演示病人乙胸痛两小时，心电图已做，请您来看一下，方便吗？"
        ),
        Line("1001", MDT, "明天 15:00 讨论演示病人甲的下一步治疗，请各科提前看资料，收到请确认。", asks_h=24),
        Line("1009", MDT, "影像由我整理，明天上午发到群里。", answers=1),
        Line("1011", MDT, "用药清单已核对，有一处相互作用，会上说明。", answers=1),
        Reaction("1001", 3, "👍"),
        Line("1001", MDT, "王五，请准备病史摘要，五分钟以内。", mentions=(DOCTOR,)),
        Line("1004", DIRECT, "王医生，3 床演示病人甲的家属想了解明天的检查安排，您方便时到护士站一趟。"),
        Line("1010", MDT, "麻醉科 15:00 准时参加。"),
        Reaction("1006", 7, "👌"),
    ),
    LABORATORY: (
        Line("1007", DIRECT, "检验科您好，急诊演示病人乙的加急标本 10 分钟前已送出，收到后请回我一声，谢谢。"),
        Line("1004", SAMPLES, "心内科 3 床演示病人甲的复查标本 20 点送检，请留意。"),
        Line("1002", SAMPLES, "结果出来请先打护士站 6105，再在这里回复。", answers=1),
        Line("1006", SAMPLES, "提醒：危急值一律先电话通知，再在系统里登记。请各位确认。", asks_h=24),
        Reaction("1004", 3, "👍"),
        Line("1007", SAMPLES, "今晚急诊标本较多，都会贴红色加急标签。"),
        Line("1002", DIRECT, "吴老师，上周质控的资料方便时发我一份，不急。"),
        Reaction("1002", 5, "👌"),
    ),
}
