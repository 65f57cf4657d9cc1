"""Drawings: numbers in, SVG geometry out."""

from datetime import UTC, datetime, timedelta

from console import phrases
from console.drawing import topology
from console.drawing.chart import Event, draw
from console.drawing.series import Series, spark, thinned
from console.drawing.stroke import stroke

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def series(values, **over):
    points = [(T0.timestamp() + 5 * at, value) for at, value in enumerate(values)]
    return Series(label="Error rate of payments", short="error rate", unit="ratio", points=points, **over)


def test_only_the_part_beyond_the_limit_is_heavy():
    drawn = spark(series([0.001, 0.002, 0.05, 0.06, 0.002], limit=0.01))
    assert drawn.line.count("L") == 4
    assert drawn.heavy.count("M") == 1
    assert drawn.heavy.count("L") == 2
    assert (drawn.value, drawn.hot) == ("0.2 %", False)


def test_nothing_beyond_a_limit_that_is_not_known():
    assert spark(series([0.001, 0.9])).heavy == ""
    assert spark(None).line == ""


def test_a_hole_in_the_readings_breaks_the_line():
    broken = Series(label="x", points=[(0, 1), (5, 1), (10, 1), (500, 1), (505, 1)])
    assert spark(broken).line.count("M") == 2


def test_flags_of_a_chart_do_not_write_over_each_other():
    events = [Event(at=T0 + timedelta(seconds=100 + 4 * at), text=f"12:01:{at} something happened") for at in range(3)]
    drawn = draw(series([0.01] * 60, limit=0.02), events)
    spans = []
    for flag in drawn.flags:
        x, width = float(flag.x[:-1]), len(flag.text) * 0.78
        spans.append((flag.row_y, x - width, x) if flag.anchor == "end" else (flag.row_y, x, x + width))
    for at, (row, low, high) in enumerate(spans):
        for other_row, other_low, other_high in spans[at + 1 :]:
            assert row != other_row or high < other_low or low > other_high


def test_a_chart_says_in_words_what_it_draws():
    drawn = draw(series([0.001, 0.08], limit=0.01), [Event(at=T0, text="12:00:00 alert")])
    assert "0.1 % at first, 8 % at last, limit 1 %" in drawn.sentence
    assert "12:00:00" in drawn.sentence


def test_a_flat_zero_can_be_drawn():
    assert draw(series([0.0, 0.0, 0.0]), []).line


def test_the_same_key_always_leaves_the_same_line_and_another_one_another():
    assert stroke("ab" * 32) == stroke("ab" * 32)
    assert stroke("ab" * 32) != stroke("ac" * 32)


def test_the_map_colours_what_the_fault_reaches_and_frames_what_the_plan_touches():
    edges = [("gateway", "checkout"), ("checkout", "payments"), ("checkout", "inventory")]
    drawn = topology.place(edges, fault="payments", touched=["payments"])
    tones = {node.name: node.tone for node in drawn.nodes}
    assert tones == {"gateway": "warm", "checkout": "warm", "payments": "hot", "inventory": ""}
    assert [node.name for node in drawn.nodes if node.act] == ["payments"]
    assert drawn.reached == 3
    assert "Not reached: inventory" in drawn.sentence


def test_a_cycle_of_services_is_drawn_too():
    drawn = topology.place([("a", "b"), ("b", "c"), ("c", "a")], fault="a", touched=[])
    assert {node.name for node in drawn.nodes} == {"a", "b", "c"}


def test_spans_and_figures_are_short_and_carry_their_units():
    assert phrases.span(timedelta(seconds=133)) == "2 m 13 s"
    assert phrases.span(timedelta(seconds=0.42)) == "0.4 s"
    assert phrases.age(timedelta(hours=1, minutes=50)) == "1 h 50"
    assert phrases.figure(0.0824, "ratio") == "8.2 %"
    assert phrases.figure(166_723_584, "bytes") == "159 MiB"
    assert phrases.plural(1, "signature") == "1 signature"
    assert phrases.plural(2, "entry", "entries") == "2 entries"


def test_hours_of_values_are_drawn_with_few_points_and_no_peak_is_lost():
    values = [0.01] * 20_000
    values[7_777] = 0.9
    series = Series(label="x", points=[(float(at), value) for at, value in enumerate(values)], limit=0.5)
    few, hole = thinned(series, 120)
    assert len(few.points) <= 122
    assert max(value for _, value in few.points) == 0.9
    assert (few.points[0], few.points[-1]) == (series.points[0], series.points[-1])
    assert [at for at, _ in few.points] == sorted({at for at, _ in few.points})
    assert spark(series).line.count("M") == 1
    assert hole > 1


def test_a_long_silence_stays_a_hole_in_a_thinned_line():
    points = [(float(at), 1.0) for at in range(3_000)] + [(20_000.0 + at, 1.0) for at in range(3_000)]
    assert spark(Series(label="x", points=points)).line.count("M") == 2
