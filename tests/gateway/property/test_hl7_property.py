"""Whatever is written is read back; whatever comes has a name; however it is cut, it frames alike."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from myelin_gateway.hl7v2 import (
    DEFAULT,
    Answers,
    Charset,
    Encoding,
    Fault,
    Frames,
    Message,
    Stamp,
    acknowledged,
    framed,
    parse,
    received,
    write,
    written_segment,
)
from myelin_gateway.hl7v2.charsets import looks_like_utf_8

CHARSETS = (Charset.UTF_8, Charset.GB18030)
# Two bytes in GB18030, the second of which is a separator.
TRAPS = "".join(bytes([lead, trail]).decode("gb18030") for lead in range(0x81, 0xFF) for trail in b"|\\^~")
ANSWERS = Answers(nak="strict", types=frozenset({"ORU^R01"}))
STAMP = Stamp("A1", "20261124")

hanzi = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
texts = st.text(
    st.one_of(st.sampled_from("|^~\\&\n #東質"), st.sampled_from(TRAPS), hanzi, st.characters(codec="utf-8")),
    max_size=30,
).map(lambda text: text.replace("\r", ""))
encodings = st.sampled_from(
    [
        DEFAULT,
        Encoding(field="$", component="%", repetition="*", escape="!", subcomponent="@"),
        Encoding(truncation="#"),
    ]
)


def in_charset(encoding: Encoding, charset: Charset) -> Encoding:
    return msgspec.structs.replace(encoding, charset=charset)


def message_with(encoding: Encoding, *values: str | tuple[str, ...]) -> bytes:
    header = written_segment("MSH", {3: "LIS", 9: ("ORU", "R01"), 10: "M1", 11: "P", 12: "2.5.1"}, encoding)
    return write([header, written_segment("ZZZ", dict(enumerate(values, 1)), encoding)], encoding)


def expected(text: str) -> str:
    """`""` alone is how HL7 says delete."""
    return "" if text == '""' else text


def test_there_are_as_many_traps_as_the_notes_say() -> None:
    hanzi_ending = [each.encode("gb18030")[1] for each in TRAPS if "\u4e00" <= each <= "\u9fff"]
    assert [hanzi_ending.count(separator) for separator in b"|\\^~"] == [116] * 4


@given(encodings, st.sampled_from(CHARSETS), st.lists(texts, min_size=1, max_size=8))
def test_fields_are_read_as_they_were_written(encoding: Encoding, charset: Charset, values: list[str]) -> None:
    encoding = in_charset(encoding, charset)
    found = parse(message_with(encoding, *values), charset).segment("ZZZ")
    assert [found.value(number) for number in range(1, len(values) + 1)] == [expected(each) for each in values]


@given(encodings, st.sampled_from(CHARSETS), st.lists(texts, min_size=1, max_size=8))
def test_components_are_read_as_they_were_written(encoding: Encoding, charset: Charset, values: list[str]) -> None:
    encoding = in_charset(encoding, charset)
    found = parse(message_with(encoding, tuple(values), "next"), charset).segment("ZZZ")
    assert [found.value(1, place) for place in range(1, len(values) + 1)] == [expected(each) for each in values]
    assert found.value(2) == "next"


@given(st.sampled_from(list(Charset)), st.binary(max_size=300))
def test_random_bytes_are_a_message_or_a_fault(charset: Charset, raw: bytes) -> None:
    assert named(raw, charset)


@given(st.sampled_from(list(Charset)), st.binary(max_size=300))
def test_random_bytes_after_a_header_are_a_message_or_a_fault(charset: Charset, rest: bytes) -> None:
    assert named(b"MSH|^~\\&|LIS||IM||2026||ORU^R01|M1|P|2.5\rOBX|1|ST|" + rest, charset)


@given(st.sampled_from(list(Charset)), st.text(st.sampled_from("MSHPIDOBX|^~\\&\r\n\x0b\x1cX東41.brZ"), max_size=200))
def test_almost_messages_are_messages_or_faults(charset: Charset, text: str) -> None:
    assert named(text.encode("gb18030"), charset)


def named(raw: bytes, charset: Charset) -> bool:
    """Whether everything that one can do with these bytes ends well."""
    told = acknowledged(received(raw, charset, ANSWERS), ANSWERS, STAMP)
    for answer in told.messages:
        assert parse(answer, charset).segment("MSA").value(1) in {"AA", "AE", "AR", "CA", "CE", "CR"}
    try:
        return read_all(parse(raw, charset))
    except Fault as fault:
        return bool(fault.reason)


def read_all(message: Message) -> bool:
    for segment in message.segments:
        for number in range(1, len(segment.fields) + 1):
            for repetition in segment.field(number).repetitions:
                assert isinstance(repetition.component(1), str) and isinstance(repetition.prose, str)
    return True


payloads = st.lists(st.binary(min_size=1, max_size=60).filter(lambda raw: not {0x0B, 0x1C} & set(raw)), max_size=6)
junk = st.binary(max_size=10).filter(lambda raw: not {0x0B, 0x1C} & set(raw))


@given(payloads, junk, st.booleans(), st.data())
def test_frames_come_out_alike_however_they_are_cut(
    messages: list[bytes], between: bytes, without_cr: bool, data: st.DataObject
) -> None:
    sent = b"".join(between + (framed(each)[:-1] if without_cr else framed(each)) for each in messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=20)))
    frames = Frames(1000)
    pieces = [sent[start:end] for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    assert [frame for piece in pieces for frame in frames.feed(piece)] == messages
    assert not frames.is_inside


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_frames_of_random_bytes_never_fail(pieces: list[bytes]) -> None:
    frames = Frames(5000)
    for piece in pieces:
        for frame in frames.feed(piece):
            assert 0x1C not in frame


@given(st.lists(hanzi, min_size=2, max_size=40))
def test_hanzi_in_gb18030_do_not_look_like_utf_8_and_those_in_utf_8_do(letters: list[str]) -> None:
    text = "".join(letters)
    assert looks_like_utf_8(text.encode())
    if len(letters) > 8:
        assert not looks_like_utf_8(text.encode("gb18030"))
