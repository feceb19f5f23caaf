"""What the demo says in the terminal, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from myelin.demo.hospital import DOCTOR, FREE, HOSPITAL, LABORATORY, NURSE, PASSWORD, STAFF


class Newcomer(msgspec.Struct, frozen=True):
    """Who a link is for, and what to try first."""

    role: str
    tries: str
    tries_in_english: str


NEWCOMERS: Mapping[str, Newcomer] = {
    DOCTOR: Newcomer(
        "医生 Doctor",
        "回复总值班的会诊请求；在“多学科讨论”点“收到”",
        "answer the duty chief; acknowledge 收到 in 多学科讨论",
    ),
    NURSE: Newcomer(
        "护士 Nurse",
        "回复李四的提问；在“心内科”点“收到”；给张三发消息",
        "answer 李四's question; acknowledge 收到 in 心内科",
    ),
    LABORATORY: Newcomer(
        "检验科 Laboratory", "确认急诊标本；在“检验联络”回复同事", "confirm the emergency sample; answer in 检验联络"
    ),
}

PREPARING = (
    "正在准备{hospital}：数据库、科室、人员、值班表…\n"
    "Preparing the demo hospital: database, departments, people, duties …"
)
ARRIVING = "同事们正在上班（首次约需半分钟）…\nThe colleagues are arriving (the first time takes half a minute) …"
MISSING = (
    "没有自动同事：他们需要的软件包未安装（pip install 'myelin[demo]'）。\n"
    "There are no colleagues: what they need is not installed (pip install 'myelin[demo]')."
)
LEFT = "自动同事已离开，原因见 {log}。\nThe colleagues have left; {log} tells why."
STOPPING = "\n正在停止… Stopping …"
RESET = "示范数据已清除。The demo's data is gone: {folder}"


def preparing() -> str:
    """Return the first words."""
    return PREPARING.format(hospital=HOSPITAL)


def welcome(links: Sequence[tuple[str, str]]) -> str:
    """Return the links, each with whom it is for, from employee numbers and addresses."""
    lines = [
        f"{HOSPITAL}已开张。每个链接以一位员工的身份登录（各用一次；可在同一浏览器的三个标签页同时打开）：",
        "The demo hospital is open. Each link signs in as one person, once; open all three in tabs of one browser:",
        "",
    ]
    for number, link in links:
        newcomer = NEWCOMERS[number]
        lines += [
            f"  {newcomer.role}  {described(number)}",
            f"    {link}",
            f"    试试：{newcomer.tries}",
            f"    Try: {newcomer.tries_in_english}",
            "",
        ]
    return "\n".join([*lines, *closing()])


def closing() -> Sequence[str]:
    """Return how to come back, and how to end."""
    return (
        f"再次登录用工号和密码 {PASSWORD}；其他 Matrix 客户端可用工号 {FREE}。其余同事自动发消息和回答；病人均为虚构。",
        f"To sign in again: number and password {PASSWORD}; number {FREE} is free for other Matrix clients.",
        "Everybody else writes and answers by themselves. No patient here is real.",
        "Ctrl-C 停止，重新启动后一切照旧；make demo-reset 清除。",
        "Ctrl-C stops; a restart keeps everything; `make demo-reset` drops it.",
    )


def described(number: str) -> str:
    """Return a person as the list names them."""
    person = next(each for each in STAFF if each.number == number)
    return f"{person.name}（{person.department.rpartition('/')[2]}{person.title}，工号 {number}）"


def tell(words: str) -> None:
    """Say something to whoever looks at the terminal."""
    print(words, flush=True)
