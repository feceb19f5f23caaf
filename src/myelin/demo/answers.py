"""What a colleague answers: by the first rule whose words occur, else one friendly sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

SELF = "（我是示范医院的自动同事，只会简单回答）"
LONGEST_NOD = 16


class Answer(msgspec.Struct, frozen=True):
    """A reaction on what was said, or a text."""

    reaction: str | None = None
    text: str | None = None


NOD = re.compile(r"收到|好的|好$|明白|知道了|可以|没问题|嗯|行$|ok|yes", re.IGNORECASE)
CHINESE = re.compile(r"[\u4e00-\u9fff]")

RULES: Sequence[tuple[re.Pattern[str], Answer]] = tuple(
    (re.compile(words, re.IGNORECASE), answer)
    for words, answer in (
        (r"谢|辛苦|thank", Answer(reaction="❤️")),
        (r"危急", Answer(text="收到。危急值我先电话通知，再回来登记。")),
        (r"药|医嘱|剂量", Answer(text="医嘱请以医院信息系统为准，这里只作沟通。我核对后回复您。")),
        (r"标本|送检|抽血|采血", Answer(text="好，标本的事我记下了，送到后告诉您。")),
        (r"血钾|结果|报告|化验|检验", Answer(text="好，结果一出来我就看，有异常会先打电话。")),
        (r"会诊|看一下|过来", Answer(text="可以，我忙完手头的事就过来，大约二十分钟。")),
        (r"交班|值班|换班", Answer(text="今晚按值班表来，有变动我在群里说。")),
        (r"床|病人|患者|家属", Answer(text="知道了，我先去看一下，十分钟内回复您。")),
        (r"开会|讨论|资料", Answer(text="好，我按时参加，资料提前发到群里。")),
        (r"你好|您好|在吗|hello|\bhi\b", Answer(text=f"您好，我在，请讲。{SELF}")),
        (r"[?？]|吗$|么$", Answer(text=f"我确认一下，稍后回复您。{SELF}")),
    )
)
PICTURE = Answer(text="收到，我打开看看。")
ENGLISH = Answer(text=f"Thank you, I have read it. I am one of the demo's colleagues and answer in Chinese. {SELF}")
OTHERWISE = Answer(text=f"收到，我看一下，稍后回复您。{SELF}")


def answer_to(text: str | None) -> Answer:
    """Return the answer to a text; None is a picture, a voice message or a file."""
    if text is None:
        return PICTURE
    said = text.strip()
    if len(said) <= LONGEST_NOD and NOD.search(said):
        return Answer(reaction="👍")
    for words, answer in RULES:
        if words.search(said):
            return answer
    return OTHERWISE if CHINESE.search(said) else ENGLISH
