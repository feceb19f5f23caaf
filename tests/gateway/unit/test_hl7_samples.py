"""Every sample parses, and as the `hl7` package reads it, which nobody here wrote."""

from __future__ import annotations

import hl7
import pytest

from myelin_gateway.hl7v2 import Message, parse, split_batch
from tests.gateway.samples import EXPECTED, SAMPLES, Sample, sample

ORDINARY = tuple(each for each in SAMPLES if not EXPECTED.get(each.name, {}).get("messages"))


def by_name(each: Sample) -> str:
    return each.name


def read(name: str) -> Message:
    found = sample(name)
    return parse(found.raw, found.charset)


def test_there_are_samples() -> None:
    assert len(SAMPLES) == 29


@pytest.mark.parametrize("given", ORDINARY, ids=by_name)
def test_every_sample_parses_without_a_finding(given: Sample) -> None:
    message = parse(given.raw, given.charset)
    assert message.findings == ()
    assert message.type and message.control_id and message.version


@pytest.mark.parametrize("given", ORDINARY, ids=by_name)
def test_every_field_is_what_the_hl7_package_reads(given: Sample) -> None:
    message = parse(given.raw, given.charset)
    text = given.raw.decode("gb18030" if given.charset == "gb18030" else "utf-8-sig").replace("\n", "\r")
    theirs = hl7.parse("\r".join(line for line in text.split("\r") if line))
    assert [segment.name for segment in message.segments] == [str(segment[0]) for segment in theirs]
    for ours, other in zip(message.segments, theirs, strict=True):
        assert [ours.text(number) for number in range(1, len(other))] == [str(other[n]) for n in range(1, len(other))]


@pytest.mark.parametrize("given", ORDINARY, ids=by_name)
def test_every_repetition_and_component_is_what_the_hl7_package_reads(given: Sample) -> None:
    message = parse(given.raw, given.charset)
    text = given.raw.decode("gb18030" if given.charset == "gb18030" else "utf-8-sig").replace("\n", "\r")
    theirs = hl7.parse("\r".join(line for line in text.split("\r") if line))
    compared = 0
    for ours, other in zip(message.segments[1:], theirs[1:], strict=True):
        for number in range(1, len(other)):
            for repetition, their_repetition in zip(ours.field(number).repetitions, other[number], strict=False):
                parts = str(their_repetition).split("^")
                for place, part in enumerate(parts, 1):
                    if "\\" not in part and part != '""':
                        assert repetition.component(place) == part.split("&")[0]
                        compared += 1
    assert compared > 10


@pytest.mark.parametrize("name", ["oru-utf8-normal", "oru-utf8-critical-HH", "oru-gb18030-trail-bytes"])
def test_reports_say_what_was_expected_of_them(name: str) -> None:
    expected, message = EXPECTED[name], read(name)
    flagged = [obx.value(3) for obx in message.all("OBX") if obx.value(8) in {"HH", "LL", "AA"}]
    assert message.type == expected["type"]
    assert message.segment("PID").value(5) + message.segment("PID").value(5, 2) == expected["patient"]
    assert message.segment("OBR").value(16) == expected.get("ordering", "D001")
    assert flagged == expected["critical"]


@pytest.mark.parametrize("name", ["siu-s12-or", "siu-s13-or-moved"])
def test_operations_say_what_was_expected_of_them(name: str) -> None:
    expected, message = EXPECTED[name], read(name)
    assert message.segment("SCH").value(1) == expected["case"]
    assert message.segment("AIL").value(3) == expected["room"]
    assert message.segment("SCH").value(11, 4) == expected["start"]
    staff = {aip.value(3): aip.value(2) for aip in message.all("AIP")}
    assert [code for code, action in staff.items() if action != "D"] == expected["staff"]
    assert [code for code, action in staff.items() if action == "D"] == expected.get("removed", [])


def test_staff_says_what_was_expected_of_it() -> None:
    expected, message = EXPECTED["mfn-m02-staff"], read("mfn-m02-staff")
    entries = [(group[0].value(1), group[1]) for group in message.groups("MFE")]
    assert [stf.value(1) for event, stf in entries if event == "MAD"] == expected["add"]
    assert [stf.value(1) for event, stf in entries if event == "MDC"] == expected["deactivate"]


def test_a_batch_is_as_many_messages_as_it_says() -> None:
    expected, given = EXPECTED["batch-3"], sample("batch-3")
    batch = split_batch(given.raw)
    messages = [parse(raw, given.charset) for raw in batch.messages]
    assert batch.is_batch and batch.is_whole and len(messages) == expected["messages"]
    critical = [each.control_id for each in messages for obx in each.all("OBX") if obx.value(8) == "HH"]
    assert critical == expected["critical_ctl"]
    assert all(each.findings == () for each in messages)


def test_segments_of_ones_own_survive() -> None:
    message = read("adt-a01-zseg")
    assert message.segment(EXPECTED["adt-a01-zseg"]["zseg"]).value(2) == "陪护1人"
