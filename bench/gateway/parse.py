"""How many laboratory reports of 20 results are read in a second of one core, beside two published parsers."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import hl7
import hl7apy.parser

from bench.daily import Row
from myelin_gateway.hl7v2 import Charset, parse

RESULTS = 20
ROUNDS = 5
GOAL = "20,000 /s"
NAMED = {Charset.UTF_8: "UNICODE UTF-8", Charset.GB18030: "GB 18030-2000"}

Reader = Callable[[bytes], object]


def report(charset: Charset) -> bytes:
    """Return an ORU^R01 with 20 OBX of a system that writes Chinese."""
    results = (
        f"OBX|{number}|NM|{number}2823-3^钾离子^LN^K^钾^L||{number}.8|mmol/L|3.5-5.3|{'HH' if number == 1 else 'N'}"
        f"|||F|||20261123075500||T00{number}^赵^六"
        for number in range(1, RESULTS + 1)
    )
    lines = [
        f"MSH|^~\\&|LIS|检验科|IM|医院|20261123080000||ORU^R01^ORU_R01|S0001|P|2.5.1|||||CHN|{NAMED[charset]}",
        "PID|1||P1001^^^HOSP^MR~V1001^^^HOSP^VN||张^三||19700101|M",
        "PV1|1|I|ICU^01^02^HOSP||||D001^李^四||||||||||||V0001",
        "ORC|RE|ORD001|FIL001||CM||||20261123070000|||D001^李^四",
        "OBR|1|ORD001|FIL001|24321-2^基础代谢组合^LN|||20261123070000|||||||||D001^李^四||||||20261123080000||CH|F",
        *results,
    ]
    return "".join(f"{line}\r" for line in lines).encode(charset.value)


def ours(charset: Charset) -> Reader:
    def read(raw: bytes) -> object:
        message = parse(raw, charset)
        assert not message.findings
        name = message.segment("PID").value(5)
        return name, [(obx.value(3), obx.value(5), obx.value(8), obx.value(11)) for obx in message.all("OBX")]

    return read


def hl7_package(raw: bytes) -> object:
    message = hl7.parse(raw.decode())
    name = str(message.segment("PID")[5][0][0])
    return name, [(str(obx[3][0][0]), str(obx[5]), str(obx[8]), str(obx[11])) for obx in message.segments("OBX")]


def hl7apy_package(raw: bytes) -> object:
    # With groups, its default, it drops the segments that it does not know.
    message = hl7apy.parser.parse_message(raw.decode(), find_groups=False)
    obxs = [(obx.obx_3.obx_3_1.value, obx.obx_5.value, obx.obx_8.value, obx.obx_11.value) for obx in message.obx]
    return message.pid.pid_5.pid_5_1.value, obxs


def rate(read: Reader, raw: bytes, count: int) -> float:
    """Return messages in a second of CPU time."""
    began = time.process_time()
    for _ in range(count):
        read(raw)
    return count / (time.process_time() - began)


async def rows(_place: Path) -> list[Row]:
    """Return the rates, taken in turns; every parser reads PID-5 and four fields of each OBX, and finds the same."""
    utf_8, gb18030 = report(Charset.UTF_8), report(Charset.GB18030)
    measured: list[tuple[str, str, Reader, bytes, int]] = [
        ("Myelin, UTF-8", GOAL, ours(Charset.UTF_8), utf_8, 5_000),
        ("Myelin, GB18030", GOAL, ours(Charset.GB18030), gb18030, 5_000),
        ("hl7 0.4.5", "–", hl7_package, utf_8, 200),
        ("hl7apy 1.3.5", "–", hl7apy_package, utf_8, 10),
    ]
    assert len({repr(read(raw)) for _name, _goal, read, raw, _count in measured}) == 1
    rates: dict[str, list[float]] = {name: [] for name, *_rest in measured}
    for _ in range(ROUNDS):
        for name, _goal, read, raw, count in measured:
            rates[name].append(rate(read, raw, count))
    how = f"ORU^R01, {RESULTS} OBX; bytes to PID-5 and OBX-3, 5, 8, 11; CPU time, median of {ROUNDS} turns"
    return [
        Row(
            f"reports read in a second of one core: {name}",
            f"{median(rates[name]):,.0f} /s",
            goal,
            f"{how}; {len(raw):,} bytes",
        )
        for name, goal, _read, raw, _count in measured
    ]
