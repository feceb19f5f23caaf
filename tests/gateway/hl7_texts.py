"""Messages for tests of mappings: a report, a visit, an operation, with what a test wants to be different."""

from __future__ import annotations

from myelin_gateway.hl7v2 import Charset, Message, parse
from myelin_gateway.mapping import Fault, Maps, news_of
from myelin_gateway.model import Report, ReportIssued, Result

RECEIVED_AT = 1_795_478_460_000  # 2026-11-24 08:01 in Shanghai
PATIENT = "PID|1||T000017^^^HOSP^MR||测试^患者甲||19700101|M"
VISIT = "PV1|1|I|XN^12^03||||1001^李^四||||||||||||V0001"


def message(kind: str, *segments: str, charset: Charset = Charset.UTF_8) -> Message:
    header = rf"MSH|^~\&|LIS|检验科|IM|仁和医院|20261124080000||{kind}|L0001|P|2.5.1"
    return parse("\r".join([header, *segments]).encode(charset), charset)


def obr(
    report_id: str = "FIL001", doctor: str = "1001^李^四", verified: str = "20261124080000", status: str = "F"
) -> str:
    return f"OBR|1|ORD001|{report_id}|BMP^基础代谢组合|||20261124070000|||||||||{doctor}||||||{verified}||CH|{status}"


def obx(
    value: str = "6.8", flags: str = "HH", status: str = "F", kind: str = "NM", code: str = "K^钾", unit: str = "mmol/L"
) -> str:
    return f"OBX|1|{kind}|{code}||{value}|{unit}|3.5-5.3|{flags}|||{status}|||20261124075500"


def report_message(*results: str) -> Message:
    return message("ORU^R01^ORU_R01", PATIENT, VISIT, obr(), *results)


def report_of(given: Message, maps: Maps | None = None) -> Report:
    """Return the only report of a message."""
    news = news_of(given, maps or Maps(), RECEIVED_AT)
    assert not isinstance(news, Fault), news
    (issued,) = news
    assert isinstance(issued, ReportIssued)
    return issued.report


def result_of(obx_text: str, maps: Maps | None = None) -> Result:
    (result,) = report_of(report_message(obx_text), maps).results
    return result


def fault_of(given: Message, maps: Maps | None = None) -> Fault:
    fault = news_of(given, maps or Maps(), RECEIVED_AT)
    assert isinstance(fault, Fault), fault
    return fault
