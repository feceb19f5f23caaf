"""The bench notices what it is there to notice, and its page says so."""

import math
from array import array
from pathlib import Path

import pytest

from bench.assignment import Figure, Outcome
from bench.daily import Row
from bench.load.bodies import MESSAGES, number_of
from bench.load.http import content_length, joined_chunks
from bench.load.record import Record, Seat, Verdict, percentile_ms
from bench.load.xmpp import MESSAGE
from bench.options import parse
from bench.report import goals, number
from bench.results import Results
from bench.rows import ROWS
from bench.section import DAILY, with_sections_of
from bench.targets import GOALS, RATIOS, Goal, Ratio


def seen_by_two(first: list[str], second: list[str], accepted: list[str]) -> Record:
    """Two members of one room who saw these."""
    record = Record()
    seats = [record.seat(0), record.seat(0)]
    numbers = {identity: record.next_number(0.0) for identity in "abcd"}
    for identity in accepted:
        record.accept(0, identity)
    for seat, identities in zip(seats, (first, second), strict=True):
        for identity in identities:
            record.deliver(seat, identity, numbers[identity], 0.5, own=False)
    return record


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ("abcd", "abcd", Verdict(lost=0, doubled=0, reordered=0)),
        ("abcd", "abd", Verdict(lost=1, doubled=0, reordered=0)),
        ("abcd", "abbcd", Verdict(lost=0, doubled=1, reordered=0)),
        ("abcd", "acbd", Verdict(lost=0, doubled=0, reordered=1)),
        ("", "", Verdict(lost=8, doubled=0, reordered=0)),
    ],
)
def test_what_is_lost_doubled_or_reordered_is_noticed(first: str, second: str, verdict: Verdict) -> None:
    record = seen_by_two(list(first), list(second), list("abcd"))
    assert record.verdict() == verdict


def test_a_window_is_settled_when_every_seat_saw_all_that_was_accepted() -> None:
    assert seen_by_two(list("ab"), list("ab"), list("ab")).settled()
    assert not seen_by_two(list("ab"), list("a"), list("ab")).settled()


def test_stragglers_of_an_earlier_window_do_not_count() -> None:
    record = Record()
    seat = record.seat(0)
    early = record.next_number(0.0)
    record.begin()
    record.deliver(seat, "$early", early, 9.0, own=False)
    assert (seat.seen, list(record.delays_s)) == ([], [])


def test_own_messages_have_no_delay() -> None:
    record = Record()
    seat: Seat = record.seat(0)
    record.deliver(seat, "$mine", record.next_number(1.0), 2.0, own=True)
    record.deliver(seat, "$theirs", record.next_number(1.0), 4.0, own=False)
    assert list(record.delays_s) == [3.0]


def test_percentiles() -> None:
    delays_s = array("d", [place / 1000 for place in range(1, 101)])
    assert percentile_ms(delays_s, 0.5) == pytest.approx(51)
    assert percentile_ms(delays_s, 0.99) == pytest.approx(100)
    assert math.isnan(percentile_ms(array("d"), 0.5))


def test_bodies_have_one_size_and_carry_their_number() -> None:
    bodies = [MESSAGES.body(number) for number in (1, 64, 9_999_999_999)]
    assert {len(body) for body in bodies} == {600}
    assert b'"ciphertext":"0000000001' in bodies[0]
    assert number_of("0000000064more") == 64
    assert number_of("") == 0


def test_answers_are_framed_by_length_or_by_chunks() -> None:
    assert content_length(b"http/1.1 200 ok\r\nserver: x\r\ncontent-length: 17\r\ndate: y") == 17
    assert content_length(b"http/1.1 204 no content") == 0
    assert joined_chunks(bytearray(b"head3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), 4) == b"abcde"
    assert joined_chunks(bytearray(b"3\r\nabc\r\n"), 0) is None


def test_group_chat_messages_are_found_between_other_stanzas() -> None:
    stream = b"<presence from='a'/><message to='b' type='groupchat'><body>1</body></message><message to='b' type="
    assert MESSAGE.findall(stream) == [b"<message to='b' type='groupchat'><body>1</body></message>"]


def test_every_goal_names_a_row_that_myelin_and_its_peer_are_measured_in() -> None:
    assert [goal for goal in GOALS if not {"myelin", goal.peer or "myelin"} <= set(ROWS[goal.row].servers)] == []


@pytest.mark.parametrize(("mine", "verdict"), [(0.4, True), (0.6, False), (None, None)])
def test_a_goal_is_a_share_of_the_peers_figure(mine: float | None, verdict: bool | None) -> None:
    goal = Goal("half of the peer", "closed", "cpu_s_per_1000", 0.5, "s", "synapse")
    results = Results()
    for round_number, value in enumerate((0.9, 1.0, 50.0)):
        results.add("synapse", round_number, Outcome("closed", (Figure("closed", "cpu_s_per_1000", value),)))
    if mine is not None:
        results.add("myelin", 1, Outcome("closed", (Figure("closed", "cpu_s_per_1000", mine),)))
    assert goal.is_met(results.median) is verdict


def test_better_is_above_one_whichever_way_the_figure_points() -> None:
    results = Results()
    for server, cpu_s, rate in (("myelin", 0.5, 2000.0), ("ejabberd", 1.0, 500.0)):
        figures = (Figure("closed", "cpu_s_per_1000", cpu_s), Figure("closed", "messages_per_s", rate))
        results.add(server, 1, Outcome("closed", figures))
    assert Ratio("", "closed", "cpu_s_per_1000").value("ejabberd", results.median) == 2
    assert Ratio("", "closed", "messages_per_s", more_is_better=True).value("ejabberd", results.median) == 4
    assert {ratio.row for ratio in RATIOS} <= ROWS.keys()


def test_the_page_shows_what_was_not_reached_and_what_was_not_measured() -> None:
    results = Results()
    results.add("myelin", 1, Outcome("open200", (Figure("open200", "p99_ms", 9.5), Figure("open200", "p50_ms", 2.5))))
    page = goals(results)
    assert "| p99 at 200/s | 9.5 | ≤ 8 ms | **no** |" in page
    assert "| p50 at 200/s | 2.5 | ≤ 3 ms | yes |" in page
    assert "| resident memory, fresh | – | ≤ 110 MB | not measured |" in page


def test_numbers_have_three_digits() -> None:
    assert [number(value) for value in (0.12345, 12.345, 1234.5, 3.0, math.nan)] == ["0.123", "12.3", "1,234", "3", "–"]


def test_a_quick_run_is_of_myelin_alone(tmp_path: Path) -> None:
    options = parse(["--quick", "--output", str(tmp_path / "page.md"), "--rows", "closed,open10"])
    assert [server.name for server in options.servers] == ["myelin"]
    assert (options.rows, options.rounds) == (("open10", "closed"), 1)


def test_an_unknown_row_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--rows", "closed,nonsense"])
    assert "unknown: nonsense" in capsys.readouterr().err


SEARCH = Row("search", "12 ms", "≤ 30 ms", "200 terms")
DUTY = Row("a role", "0.1 ms", "≤ 1 ms", "1,000 roles")


def test_a_topic_of_daily_use_replaces_its_own_rows_only() -> None:
    page = DAILY.with_topic(DAILY.with_topic("# Results\n\n## Goals\n\nmet\n", "search", [DUTY]), "duty", [DUTY])
    page = DAILY.with_topic(page, "search", [SEARCH])
    assert page.startswith("# Results\n\n## Goals\n\nmet\n\n## Daily use\n")
    assert list(DAILY.tables_of(page)) == ["duty", "search"]
    assert "12 ms" in DAILY.tables_of(page)["search"]
    assert page.count("0.1 ms") == 1
    assert DAILY.with_topic(page, "search", [SEARCH]) == page


def test_a_new_campaign_keeps_what_was_said_of_daily_use() -> None:
    earlier = DAILY.with_topic("# Results\n\n## Daily use\n\n### old\n\nx\n\n## Machine\n\na\n", "duty", [DUTY])
    assert earlier.index("## Daily use") < earlier.index("## Machine")
    page = with_sections_of(earlier, "# Results\n\n## Goals\n\nnew\n")
    assert DAILY.tables_of(page) == DAILY.tables_of(earlier)
    assert with_sections_of("", "# Results\n") == "# Results\n"
