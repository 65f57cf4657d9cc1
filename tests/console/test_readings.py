"""The chart and the sparkline go on while a plan waits: what is read after the snapshot follows it, in any stage."""

from datetime import timedelta

import pytest

from agents.models import Reading
from console.drawing.series import Series, spark
from console.selectors import queue_rows
from console.selectors.incident import read
from core import clock
from tests.console import world

pytestmark = pytest.mark.django_db


def at(state):
    made = world.incident()
    found = world.remediation(made, state)
    world.diagnosed(found, made)
    world.asked(found, made)
    return made, found


def reads(found, *values, every_s=5):
    begin = clock.now()
    for number, value in enumerate(values, 1):
        moment = begin + timedelta(seconds=every_s * number)
        Reading.objects.create(remediation=found, at=moment, value=value, healthy=False)


@pytest.mark.parametrize("state", ["AWAITING_APPROVAL", "EXECUTING", "VALIDATING", "COMPLETED", "FAILED"])
def test_the_newest_reading_is_what_is_shown(as_, cast, lab, state):
    made, found = at(state)
    before = read(made.pk, cast["ben"].as_actor(), set()).symptom
    reads(found, 0.11, 0.123)
    after = read(made.pk, cast["ben"].as_actor(), set()).symptom
    assert (before.chart.end_text, after.chart.end_text) == ("7.9 %", "12.3 %")
    assert after.read_at > before.read_at
    assert queue_rows.rows([made], cast["ben"].as_actor(), set())[0].spark.value == "12.3 %"
    assert "12.3 %" in as_("ben").get("/").content.decode()


def test_a_reading_without_an_answer_draws_nothing(cast, lab):
    made, found = at("AWAITING_APPROVAL")
    reads(found, None)
    assert read(made.pk, cast["ben"].as_actor(), set()).symptom.chart.end_text == "7.9 %"


def test_readings_are_not_drawn_behind_a_metric_that_the_plan_does_not_judge_by(cast, lab):
    made = world.incident()
    found = world.remediation(made, "AWAITING_APPROVAL")
    world.metric(found, "heap-inventory", world.rising(50e6, 60e6), end=made.opened_at)
    world.asked(found, made)
    reads(found, 0.11)
    assert "MiB" in read(made.pk, cast["ben"].as_actor(), set()).symptom.chart.end_text


def test_reading_less_often_later_leaves_no_holes():
    often = [(5.0 * number, 0.05) for number in range(60)]
    later = [(300 + 30.0 * number, 0.05) for number in range(1, 20)]
    assert spark(Series(label="x", points=[*often, *later])).line.count("M") == 1
