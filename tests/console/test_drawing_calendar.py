from datetime import UTC, datetime, timedelta

from console.drawing.calendar import DAY, LEAST, LEFT, WIDTH, Span, draw

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def span(label="a", starts=0, ends=1, look="w"):
    return Span(
        label=label, starts_at=NOW + timedelta(hours=starts), until=NOW + timedelta(hours=ends), look=look, text="t"
    )


def test_two_weeks_begin_with_today_and_weekends_are_known():
    drawn = draw([], NOW)

    assert [day.text for day in drawn.days][:2] == ["Fri 20 Nov", "Sat 21"]
    assert [day.is_weekend for day in drawn.days][:4] == [False, True, True, False]
    assert drawn.now_x == round(LEFT + DAY / 2, 1)
    assert "Tue 1 Dec" in [day.text for day in drawn.days]


def test_bars_lie_where_their_time_is_and_are_cut_at_both_ends():
    drawn = draw([span(starts=-100, ends=1000), span("b", 24, 48), span("b", 0, 0.01), span("c", 1000, 1001)], NOW)

    assert [row.label for row in drawn.rows] == ["a", "b"]
    assert (drawn.rows[0].bars[0].x, drawn.rows[0].bars[0].width) == (LEFT, WIDTH)
    assert abs(drawn.rows[1].bars[0].width - DAY) < 0.11
    assert drawn.rows[1].bars[1].width == LEAST
