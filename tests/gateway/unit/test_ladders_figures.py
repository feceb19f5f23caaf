"""Ladders and clocks from files, refused where a case could end in silence; and figures that equal a count by hand."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from myelin_gateway.flows.cases import Case, Step, Ward
from myelin_gateway.flows.figures import as_csv, figures
from myelin_gateway.flows.ladders import BUILT_IN, FileFault, Rung, Target, checked, read_clocks, read_ladders
from tests.gateway.ward import MINUTE, SECOND, T0, a_case

HEAD = "ladder,after_s,to,channel\n"


def test_a_ladder_is_read_with_rungs_of_several() -> None:
    text = (
        HEAD
        + "demo,0,orderer,app\ndemo,0,ward_nurses,app\ndemo,20,总值班,app\n"
        + "demo,40,总值班,console\ndemo,40,总值班,http\n"
    )
    ladder = read_ladders("\ufeff" + text)["demo"]
    assert ladder.rungs[0] == Rung(0, (Target("orderer"), Target("ward_nurses")))
    assert [rung.after_ms for rung in ladder.rungs] == [0, 20_000, 40_000]
    assert ladder.rungs[-1].reaches_a_desk


def test_the_built_in_ladder_ends_at_the_console() -> None:
    assert checked(BUILT_IN).rungs[-1].targets[-1].channel == "console"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("demo,0,orderer,app\n", "last rung is only app"),
        ("demo,0,orderer,app\ndemo,20,总值班,console\ndemo,40,主任,app\n", "last rung is only app"),
        ("demo,20,总值班,console\n", "after 0 seconds"),
        ("demo,0,总值班,telephone\n", "no channel"),
        ("demo,0,,app\n", "somebody to ask"),
        ("demo,-5,总值班,console\n", "whole number"),
        ("demo,1e3,总值班,console\n", "whole number"),
        ("demo,0,总值班\n", "as many cells"),
        (",0,总值班,console\n", "first cell"),
        ("demo,0,orderer,app\ndemo,90000,总值班,console\n", "within a day"),
    ],
)
def test_a_ladder_that_cannot_work_is_refused_with_its_reason(text: str, says: str) -> None:
    with pytest.raises(FileFault, match=says):
        read_ladders(HEAD + text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name,receive_s\n", "column ward"),
        ("ward,receive_s\n心内科,0\n", "at least one second"),
        ("ward,recieve_s\n心内科,60\n", "is no clock"),
        ("ward,receive_s\n心内科,60\n心内科,90\n", "twice"),
    ],
)
def test_clocks_that_cannot_work_are_refused(text: str, says: str) -> None:
    with pytest.raises(FileFault, match=says):
        read_clocks(text)


def made(*seconds: int | None, ward: str = "心内科") -> Case:
    names = ("notified", "received", "read_back", "told", "confirmed", "acted", "closed")
    steps = [Step(name, T0 + s * SECOND) for name, s in zip(names, seconds, strict=False) if s is not None]
    return a_case(steps=tuple(steps), ward=Ward(ward), verified_at=T0 - 30 * SECOND)


def test_figures_equal_a_count_by_hand() -> None:
    cases = [made(10, 70, 130, 190, 250, 310, 370), made(20, 420, 430), made(30), made(5, 65, ward="肾内科")]
    rows = {(row.ward, row.step): row for row in figures(cases)}
    notified = rows["心内科", "notified"]
    assert (notified.cases, notified.reached, notified.in_time) == (3, 3, 3)
    assert (notified.median_ms, notified.p90_ms) == (50_000, 60_000)
    received = rows["*", "received"]
    assert (received.cases, received.reached, received.in_time) == (4, 3, 2), "400 s are too late"
    assert (received.median_ms, received.p90_ms, received.in_time_share) == (60_000, 400_000, 0.5)
    closed = rows["肾内科", "closed"]
    assert (closed.reached, closed.median_ms) == (0, None)
    from_arrival = {(row.ward, row.step): row for row in figures(cases, from_verification=False)}
    assert from_arrival["心内科", "notified"].median_ms == 20_000


def test_the_file_opens_in_a_spreadsheet_and_runs_nothing() -> None:
    lines = as_csv(figures([made(10, 70, ward="=cmd()")])).splitlines()
    assert lines[0] == "ward,step,cases,reached,in_time,in_time_share,median_s,p90_s"
    assert lines[8] == "*,notified,1,1,1,1.000,40.0,40.0"
    assert "'=cmd()" in "".join(lines[1:])
    assert lines[14] == "*,closed,1,0,0,0.000,,"


def test_what_was_read_late_takes_no_time_rather_than_less_than_none() -> None:
    case = replace(made(10, 70, 60), opened_at=T0 - MINUTE)
    assert {row.median_ms for row in figures([case]) if row.step == "read_back"} == {0}
