"""What real systems send, one trap at a time: read as meant where the meaning is plain, named where it is not."""

from __future__ import annotations

import pytest

from myelin_gateway.hl7v2 import Answers, Charset, Fault, Finding, Message, Reason, parse, received, split_batch
from myelin_gateway.hl7v2.parsing import FIELDS_LIMIT, SEGMENTS_LIMIT, SIZE_LIMIT_BYTES

HEADER = "MSH|^~\\&|LIS|检验科|IM|医院|20261123080000||ORU^R01^ORU_R01|M1|P|2.5.1"
PERSON = "PID|1||P1^^^HOSP^MR~V1^^^HOSP^VN||张^三||19700101|M"
RESULT = "OBX|1|NM|2823-3^钾^LN||6.8|mmol/L|3.5-5.3|H~HH|||F"


def message(*lines: str, end: str = "\r", charset: Charset = Charset.UTF_8) -> bytes:
    codec = "iso8859-1" if charset is Charset.LATIN_1 else charset.value
    return "".join(line + end for line in lines).encode(codec)


def read(*lines: str, charset: Charset = Charset.UTF_8) -> Message:
    return parse(message(*lines, charset=charset), charset)


def reasons(found: Message) -> list[tuple[Reason, str]]:
    return [(finding.reason, finding.place) for finding in found.findings]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\r", "\n\r\n"])
def test_any_line_end_will_do(end: str) -> None:
    assert parse(message(HEADER, PERSON, RESULT, end=end), Charset.UTF_8) == read(HEADER, PERSON, RESULT)


def test_a_byte_order_mark_and_a_missing_last_end_change_nothing() -> None:
    whole = message(HEADER, PERSON)
    assert parse(b"\xef\xbb\xbf" + whole.rstrip(b"\r"), Charset.UTF_8) == parse(whole, Charset.UTF_8)


def test_the_mark_of_utf_8_does_not_swallow_the_header_of_gb18030() -> None:
    ascii_only = message("MSH|^~\\&|LIS||IM||20261123||ADT^A03|1|P|2.4", "PID|1||P1")
    assert parse(b"\xef\xbb\xbf" + ascii_only, Charset.GB18030) == parse(ascii_only, Charset.GB18030)


def test_the_mark_of_gb18030_goes_too() -> None:
    assert parse("\ufeff".encode("gb18030") + message(HEADER, charset=Charset.GB18030), Charset.GB18030).control_id


@pytest.mark.parametrize("hanzi", "東質診觀鋅過館珅昞玘珇瑋")
def test_a_second_byte_that_is_a_separator_shifts_nothing(hanzi: str) -> None:
    found = read(HEADER.replace("检验科", hanzi), f"PID|1||P1||陳^{hanzi}||19700101|M", charset=Charset.GB18030)
    assert found.segment("MSH").value(4) == hanzi
    assert found.segment("PID").value(5, 2) == hanzi
    assert found.segment("PID").value(7) == "19700101"
    assert found.control_id == "M1" and found.findings == ()


def test_odd_separators_are_the_messages_own() -> None:
    found = read("MSH$%*!@$LIS$检$IM$$2026$$ORU%R01$M1$P$2.5", "OBX$1$NM$K%钾@钠$$6.8$a|b^c!F!d$$H*HH")
    assert found.type == "ORU^R01"
    assert found.segment("MSH").value(1) == "$" and found.segment("MSH").value(2) == "%*!@"
    obx = found.segment("OBX")
    assert (obx.value(3, 2), obx.value(3, 2, 2)) == ("钾", "钠")
    assert obx.value(6) == "a|b^c$d"
    assert [each.value for each in obx.field(8).repetitions] == ["H", "HH"]


def test_old_systems_name_fewer_separators() -> None:
    found = read("MSH|^~|LIS||IM||2026||ADT^A01|1|P|2.1", "PID|1||a\\F\\b&c")
    assert found.segment("PID").value(3) == "a\\F\\b&c"
    assert read("MSH|^|LIS||||2026||ADT^A01|1|P|2.1", "PID|1||a~b").segment("PID").value(3) == "a~b"


def test_a_fifth_separator_says_that_a_value_was_cut() -> None:
    assert read("MSH|^~\\&#|L||||2026||ADT^A01|1|P|2.7", "PID|1||a\\P\\").segment("PID").value(3) == "a#"


def test_parts_are_counted_from_one_and_what_is_absent_is_empty() -> None:
    found = read(HEADER, "PID|1||P1^^^HOSP&1.2.3&ISO^MR~V1^^^^VN||")
    pid = found.segment("PID")
    assert [each.component(1) for each in pid.field(3).repetitions] == ["P1", "V1"]
    assert [pid.value(3, 4, place) for place in (1, 2, 3, 4)] == ["HOSP", "1.2.3", "ISO", ""]
    assert (pid.value(3, 6), pid.value(99), pid.value(1, 2), pid.value(1, 1, 2)) == ("", "", "", "")
    assert pid.field(5).repetitions == () and not pid.field(5)
    assert not found.segment("PV1") and found.segment("PV1").value(3) == "" and found.all("OBX") == ()


def test_null_means_delete_and_nothing_means_nothing() -> None:
    pid = read(HEADER, 'PID|1||P1||""||').segment("PID")
    assert pid.value(5) == "" and pid.field(5).is_null and not pid.field(7).is_null


def test_groups_hold_what_belongs_to_them() -> None:
    found = read(HEADER, PERSON, "OBR|1", "OBX|1", "NTE|1", "OBR|2", "OBX|2")
    assert [[each.name for each in group] for group in found.groups("OBR")] == [["OBR", "OBX", "NTE"], ["OBR", "OBX"]]
    assert found.groups("SCH") == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"a\F\b\S\c\T\d\R\e\E\f", "a|b^c&d~e\\f"),
        # Once: what comes out of an escape is no escape.
        (r"\E\F\E\ ", "\\F\\ "),
        (r"line\.br\line\.sp\line\.sp2\line\.ce\x", "line\nline\nline\n\nline\nx"),
        (r"\H\bold\N\ \.sk3\.\.in+4\.", "bold    .."),
        (r"\XD5C5\\XC8FD\ ", "张三 "),
        (r"\XD5\\XC5\ ", "张 "),
        (r"C:\temp\new \Q\ \X4\ ", r"C:\temp\new \Q\ \X4" + "\\ "),
        (r"C:\lab\F\x", r"C:\lab|x"),
        (r"\X41\ \Z99\\C2842\ ", "A  "),
    ],
)
def test_escapes_are_undone_once_after_splitting(written: str, meant: str) -> None:
    found = read("MSH|^~\\&|L||||2026||ORU^R01|1|P|2.5", f"OBX|1|ST|||{written}|x", charset=Charset.GB18030)
    assert found.segment("OBX").value(5) == meant
    assert found.segment("OBX").value(6) == "x"


def test_a_line_that_asks_for_a_million_lines_gets_few() -> None:
    assert len(read(HEADER, "OBX|1|FT|||\\.sp9999\\").segment("OBX").value(5)) == 50


def test_prose_keeps_what_looks_like_parts() -> None:
    assert read(HEADER, "OBX|1|TX|||pH 7.4 & 10^9~第二行").segment("OBX").field(5).prose == "pH 7.4 & 10^9\n第二行"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", Reason.EMPTY),
        (b"\r\n \r\n", Reason.EMPTY),
        (b"GET / HTTP/1.1\r\n\r\n", Reason.NO_HEADER),
        (b"PID|1\rMSH|^~\\&|", Reason.NO_HEADER),
        (b"MSH", Reason.BAD_SEPARATORS),
        (b"MSH|", Reason.BAD_SEPARATORS),
        (b"MSH||LIS", Reason.BAD_SEPARATORS),
        (b"MSH|^^\\&|LIS", Reason.BAD_SEPARATORS),
        (b"MSH|^~\\&amp;|LIS", Reason.BAD_SEPARATORS),
        (b"MSHX^~\\&X", Reason.BAD_SEPARATORS),
        ("MSH｜^~\\&｜".encode(), Reason.BAD_SEPARATORS),
        (message(HEADER, PERSON, HEADER), Reason.SECOND_HEADER),
        (message(HEADER) + b"PID" + b"|" * FIELDS_LIMIT, Reason.TOO_MANY_FIELDS),
        (b"MSH|^~\\&" + b"|" * FIELDS_LIMIT, Reason.TOO_MANY_FIELDS),
        (message(HEADER) + b"NTE|1\r" * SEGMENTS_LIMIT, Reason.TOO_MANY_SEGMENTS),
        (message(HEADER) + b"\x00" * SIZE_LIMIT_BYTES, Reason.TOO_LARGE),
        ("MSH|^~\\&|".encode("utf-16"), Reason.NO_HEADER),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_message_has_a_name(raw: bytes, reason: Reason) -> None:
    with pytest.raises(Fault) as refused:
        parse(raw, Charset.UTF_8)
    assert refused.value.reason is reason


@pytest.mark.parametrize(
    "rest", [b"NTE|1\r" * SEGMENTS_LIMIT, b"\x00" * SIZE_LIMIT_BYTES, b"PID" + b"|" * FIELDS_LIMIT]
)
def test_a_fault_still_says_whose_message_it_was(rest: bytes) -> None:
    with pytest.raises(Fault) as refused:
        parse(message(HEADER) + rest, Charset.UTF_8)
    assert refused.value.header is not None and refused.value.header.value(10) == "M1"


def test_a_report_of_25_megabytes_is_read() -> None:
    found = read(HEADER, "OBX|1|ED|PDF||^application^pdf^Base64^" + "QUJD" * 6_500_000)
    assert len(found.segment("OBX").value(5, 5)) == 26_000_000 and found.findings == ()


def test_bytes_of_another_charset_are_found() -> None:
    gb18030, utf_8 = message(HEADER, PERSON, charset=Charset.GB18030), message(HEADER, PERSON)
    assert (Reason.UNREADABLE_BYTES, "PID-5") in reasons(parse(gb18030, Charset.UTF_8))
    # Without this, 张三 would be shown as 寮犱笁, and nothing would look broken.
    assert (Reason.CHARSET_MISMATCH, "") in reasons(parse(utf_8, Charset.GB18030))
    assert (Reason.CHARSET_MISMATCH, "") in reasons(parse(utf_8, Charset.LATIN_1))


@pytest.mark.parametrize(
    ("named", "charset", "expected"),
    [
        ("UNICODE UTF-8", Charset.UTF_8, []),
        ("UNICODE", Charset.UTF_8, []),
        ("GB 18030-2000", Charset.GB18030, []),
        ("GBK", Charset.GB18030, []),
        ("GB2312~UNICODE UTF-8", Charset.GB18030, [(Reason.CHARSET_MISMATCH, "MSH-18")]),
        ("ASCII", Charset.GB18030, []),
        ("GB 18030-2000", Charset.UTF_8, [(Reason.CHARSET_MISMATCH, "MSH-18")]),
        ("BIG-5", Charset.GB18030, [(Reason.CHARSET_MISMATCH, "MSH-18")]),
        ("8859/1", Charset.UTF_8, [(Reason.CHARSET_MISMATCH, "MSH-18")]),
        ("KLINGON", Charset.UTF_8, [(Reason.CHARSET_UNKNOWN, "MSH-18")]),
    ],
)
def test_what_a_message_says_of_its_charset_is_an_alarm_and_no_more(
    named: str, charset: Charset, expected: list[tuple[Reason, str]]
) -> None:
    found = read(f"{HEADER}||||||{named}", PERSON, charset=charset)
    assert reasons(found) == expected
    assert found.segment("PID").value(5) == "张"


def test_in_ascii_all_charsets_agree() -> None:
    assert read("MSH|^~\\&|L||||2026||ADT^A01|1|P|2.5||||||8859/1", charset=Charset.GB18030).findings == ()


def test_doubtful_characters_are_found_where_they_stand() -> None:
    found = read(HEADER, "PID|1||P1||张^\ue5e5", "OBX|1|ST|K||a", "OBX|2|ST|K||b\x85", "NTE|1||\ue5e5\x00")
    assert reasons(found) == [
        (Reason.PRIVATE_CHARACTER, "PID-5"),
        (Reason.CONTROL_CHARACTER, "OBX[2]-5"),
        (Reason.CONTROL_CHARACTER, "NTE-3"),
    ]


def test_an_escape_brings_no_doubtful_character_in() -> None:
    found = read(HEADER, "OBX|1|ST|K||\\XD5C5\\")
    assert reasons(found) == [(Reason.UNREADABLE_BYTES, "OBX-5")]


def test_rare_names_since_gb18030_of_2022_are_no_private_characters() -> None:
    raw = message(HEADER, "PID|1||P1||X^Y", charset=Charset.GB18030).replace(
        b"X^Y", b"\xfe\x59^\xa8\xbc\x82\x35\x98\x33"
    )
    found = parse(raw, Charset.GB18030)
    assert found.segment("PID").value(5) == "\u9fb4" and found.findings == ()


def test_ordinary_spaces_of_chinese_text_are_not_doubtful() -> None:
    assert read(HEADER, "OBX|1|TX|K||未见\u3000异常\t\u00a0。").findings == ()


def test_a_line_without_a_name_is_a_finding_and_is_kept() -> None:
    found = read(HEADER, "OBX|1|TX|K||first", "second line of a text", "obx|2")
    assert [finding.reason for finding in found.findings] == [Reason.BAD_SEGMENT, Reason.BAD_SEGMENT]
    assert found.segments[2].text(0) == "second line of a text"


def test_findings_stay_few_however_bad_a_message_is() -> None:
    assert len(read(HEADER, *["NTE|1||\x01"] * 20_000).findings) == 20


def test_findings_explain_themselves() -> None:
    assert all(Finding(reason).sentence for reason in Reason)


def test_a_batch_is_split_and_keeps_the_bytes() -> None:
    one, two = message(HEADER, PERSON), message(HEADER.replace("M1", "M2"), PERSON)
    batch = split_batch(b"FHS|^~\\&|L\rBHS|^~\\&|L\r" + one + two + b"BTS|2\rFTS|1\r")
    assert batch.messages == (one, two) and batch.is_batch and batch.is_whole


def test_a_batch_that_lost_something_says_so() -> None:
    assert not split_batch(b"BHS|^~\\&|L\r" + message(HEADER) + b"BTS|2\r").is_whole


def test_two_messages_in_one_frame_are_two() -> None:
    one, two = message(HEADER, PERSON), message(HEADER, PERSON, end="\n")
    assert split_batch(one + two).messages == (one, two)
    assert not split_batch(one).is_batch and split_batch(one).messages == (one,)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"nothing",
        b"BHS|^~\\&|\rBTS|0\r",
        b"\r\rPID|1\r",
        b"junk\rMSH|^~\\&|\rMSH|^~\\&|\r",
        b"MSH|^~\\&|\nMSH is a header\n",
    ],
)
def test_what_holds_no_message_stays_whole(raw: bytes) -> None:
    assert split_batch(raw).messages == (raw,)


def test_a_batch_without_end_is_one_unreadable_thing() -> None:
    raw = b"BHS|^~\\&|L\r" + b"MSH|^~\\&|\r" * 10_010
    with pytest.raises(Fault) as refused:
        split_batch(raw)
    assert refused.value.reason is Reason.TOO_MANY_MESSAGES
    (one,) = received(raw, Charset.UTF_8, Answers()).messages
    assert one.raw == raw and one.message is None
