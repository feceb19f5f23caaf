"""What senders are told: which of them, in which words, and when nothing."""

from __future__ import annotations

import pytest

from myelin_gateway.hl7v2 import (
    Acknowledgement,
    Answer,
    Answers,
    Charset,
    Message,
    Stamp,
    acknowledged,
    parse,
    read_answer,
    received,
    refused,
)

STAMP = Stamp("A1", "20261124080000+0800")
TYPES = frozenset({"ORU^R01", "ADT^A01"})
STRICT = Answers(nak="strict", types=TYPES)
LENIENT = Answers(types=TYPES)


def header(
    *, type: str = "ORU^R01^ORU_R01", id: str = "M1", processing: str = "P", version: str = "2.5.1", **rest: str
) -> str:
    accept, application, charset = rest.get("accept", ""), rest.get("application", ""), rest.get("charset", "")
    return f"MSH|^~\\&|LIS|检验科|IM|医院|2026||{type}|{id}|{processing}|{version}|||{accept}|{application}||{charset}"


def answers_to(raw: bytes | str, answers: Answers = STRICT, charset: Charset = Charset.UTF_8) -> Acknowledgement:
    raw = raw.encode("gb18030" if charset is Charset.GB18030 else "utf-8") if isinstance(raw, str) else raw
    return acknowledged(received(raw, charset, answers), answers, STAMP)


def answer_to(raw: bytes | str, answers: Answers = STRICT, charset: Charset = Charset.UTF_8) -> Message:
    (one,) = answers_to(raw, answers, charset).messages
    return parse(one, charset)


def code(raw: bytes | str, answers: Answers = STRICT) -> tuple[str, str]:
    answer = answer_to(raw, answers)
    return answer.segment("MSA").value(1), answer.segment("ERR").value(3)


def test_a_message_is_accepted_in_original_mode() -> None:
    answer = answer_to(header(charset="UNICODE UTF-8"))
    msh = answer.header
    assert [msh.value(number) for number in (3, 4, 5, 6)] == ["IM", "医院", "LIS", "检验科"]
    assert [msh.value(number) for number in (7, 10, 11, 12, 18)] == [STAMP.at, "A1", "P", "2.5.1", "UNICODE UTF-8"]
    assert msh.text(9) == "ACK^R01^ACK"
    assert answer.segment("MSA").fields == ["MSA", "AA", "M1"]
    assert not answer.segment("ERR")


def test_an_answer_is_in_the_charset_and_the_separators_of_the_message() -> None:
    answer = answer_to("MSH$%*!@$東$検$IM$$2026$$ORU%R01$M$1$P$2.4", LENIENT, Charset.GB18030)
    assert answer.header.value(5) == "東" and answer.segment("MSA").value(2) == "M"
    assert answer.header.text(9) == "ACK%R01"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (header(), ("AA", "")),
        (header(type=""), ("AE", "101")),
        (header(id=""), ("AE", "101")),
        (header(type="MDM^T02"), ("AR", "200")),
        (header(type="ADT^A99"), ("AR", "201")),
        (header(processing="T"), ("AR", "202")),
        (header(processing=""), ("AA", "")),
        (header(version="3.0"), ("AR", "203")),
        (header(version=""), ("AA", "")),
        (header(charset="KLINGON"), ("AE", "103")),
        (header(charset="GBK"), ("AE", "102")),
        (header() + "\rsomething", ("AE", "100")),
        (header().encode("gb18030"), ("AE", "102")),
        (header() + "\rPID" + "|" * 2000, ("AE", "207")),
        (b"GET / HTTP/1.1\r\n\r\n", ("AE", "100")),
        (b"", ("AE", "100")),
    ],
)
def test_a_strict_partner_is_told_what_is_wrong(raw: bytes | str, expected: tuple[str, str]) -> None:
    assert code(raw) == expected
    # One that would stop its queue is told yes: the bytes are kept, and the trouble is ours.
    assert code(raw, LENIENT) == ("AA", "")


def test_an_error_is_said_in_words_and_by_place() -> None:
    answer = answer_to(header(id=""))
    assert answer.segment("MSA").value(3) == "Required field missing: MSH-10"
    err = answer.segment("ERR")
    assert err.text(2) == "MSH^1^10" and err.text(3) == "101^Required field missing^HL70357"
    assert err.value(4) == "E" and err.value(8) == "Required field missing: MSH-10"


def test_before_2_5_an_error_has_one_field() -> None:
    answer = answer_to(header(processing="T", version="2.4"))
    assert answer.segment("ERR").text(1) == "MSH^1^11^202&Unsupported processing id&HL70357"
    assert len(answer.segment("ERR").fields) == 2


@pytest.mark.parametrize(
    ("accept", "application", "good", "bad"),
    [
        ("", "", ["AA"], ["AR"]),
        ("AL", "NE", ["CA"], ["CR"]),
        ("AL", "", ["CA"], ["CR"]),
        ("NE", "AL", ["AA"], ["AR"]),
        ("AL", "AL", ["CA", "AA"], ["CR", "AR"]),
        ("ER", "NE", [], ["CR"]),
        ("SU", "ER", ["CA"], ["AR"]),
        ("NE", "NE", [], []),
        ("NE", "", [], []),
        ("XX", "NE", ["CA"], ["CR"]),
    ],
)
def test_enhanced_mode_answers_what_was_asked(accept: str, application: str, good: list[str], bad: list[str]) -> None:
    def codes(type: str) -> list[str]:
        told = answers_to(header(type=type, accept=accept, application=application)).messages
        return [parse(each, Charset.UTF_8).segment("MSA").value(1) for each in told]

    assert (codes("ORU^R01"), codes("ZZZ^Z01")) == (good, bad)


def test_answers_of_enhanced_mode_want_none_and_have_numbers_of_their_own() -> None:
    told = [parse(each, Charset.UTF_8) for each in answers_to(header(accept="AL", application="AL")).messages]
    assert [(each.header.value(15), each.header.value(16)) for each in told] == [("NE", "NE")] * 2
    assert len({each.control_id for each in told}) == 2


@pytest.mark.parametrize("type", ["ACK", "ACK^R01^ACK", "MCF"])
@pytest.mark.parametrize("accept", ["", "AL"])
def test_an_acknowledgement_is_never_acknowledged(type: str, accept: str) -> None:
    raw = f"{header(type=type, accept=accept, application=accept)}\rMSA|AA|X"
    assert answers_to(raw).messages == () and answers_to(raw, LENIENT).messages == ()


def test_an_answer_with_content_gets_an_accept_acknowledgement_only_where_it_asks() -> None:
    assert answers_to(header(type="ORR^O02") + "\rMSA|AA|X").messages == ()
    assert len(answers_to(header(type="ORR^O02", accept="AL", application="AL") + "\rMSA|AA|X").messages) == 1


def test_a_batch_is_answered_message_by_message_or_at_once() -> None:
    raw = f"BHS|^~\\&|LIS\r{header(id='M1')}\r{header(id='M2')}\r{header(id='M3')}\rBTS|3\r"
    told = [parse(each, Charset.UTF_8) for each in answers_to(raw).messages]
    assert [each.segment("MSA").value(2) for each in told] == ["M1", "M2", "M3"]
    assert len({each.control_id for each in told}) == 3
    (whole,) = answers_to(raw, Answers(types=TYPES, as_batch=True)).messages
    assert whole.startswith("BHS|^~\\&|IM|医院|LIS|检验科|20261124".encode()) and whole.endswith(b"BTS|3\r")
    assert [each.control_id for each in received(whole, Charset.UTF_8, LENIENT).messages] == ["A1", "A1.1", "A1.2"]


def test_what_is_too_large_is_refused_whatever_the_setting() -> None:
    told = refused(header().encode() + b"\rOBX|1|ED|||" + b"A" * 100, Charset.UTF_8, STAMP)
    answer = parse(told.messages[0], Charset.UTF_8)
    assert told.closes
    assert (answer.segment("MSA").value(1), answer.segment("MSA").value(2)) == ("AE", "M1")
    assert answer.segment("ERR").value(3) == "207"
    assert refused(b"\x00" * 100, Charset.UTF_8, STAMP).messages


def test_answers_are_read() -> None:
    raw = b"MSH|^~\\&|LIS||IM||2026||ACK|9|P|2.5\rMSA|AE|M7|\rERR||PID^1|204^Unknown key identifier^HL70357|E\r"
    assert read_answer(parse(raw, Charset.UTF_8)) == Answer("AE", "M7", "Unknown key identifier")
    assert not Answer("AE", "M7").is_positive and Answer("CA", "M7").is_positive
    assert read_answer(parse(header().encode(), Charset.UTF_8)) is None


def test_what_was_received_names_itself_even_where_it_cannot_be_read() -> None:
    (one,) = received(f"{header()}\rPID{'|' * 2000}".encode(), Charset.UTF_8, STRICT).messages
    assert (one.control_id, one.type, one.message) == ("M1", "ORU^R01", None)
    assert [finding.reason for finding in one.findings] == ["too_many_fields"]
