from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from incidents.correlation.windows import Kind, Signal, Window, covers, hands_off, hiding

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DISKS = Window(
    id=1,
    kind=Kind.MAINTENANCE,
    why="New disks.",
    starts_at=NOW - HOUR,
    until=NOW + HOUR,
    services=frozenset({"search"}),
    environment="lab",
)
ALERT = Signal(
    service="search", environment="lab", severity="warning", labels={"host": "wh-7", "alertname": "HostDown"}
)


def test_an_alert_inside_is_hidden_and_the_sentence_says_until_when_and_why():
    hidden = hiding(ALERT, [DISKS], NOW)

    assert hidden is not None
    assert (hidden.window, hidden.why) == (1, "Hidden until 2026-03-01 13:00 UTC by maintenance: New disks.")


def test_a_critical_alert_always_comes_through():
    assert hiding(replace(ALERT, severity="critical"), [DISKS], NOW) is None


@pytest.mark.parametrize(
    ("now", "is_hidden"),
    [(NOW - HOUR, True), (NOW - HOUR - timedelta(microseconds=1), False), (NOW + HOUR, False), (NOW + 3 * HOUR, False)],
)
def test_a_window_holds_from_its_beginning_until_just_before_its_end(now, is_hidden):
    assert bool(hiding(ALERT, [DISKS], now)) is is_hidden


def test_a_window_that_is_over_stays_over_when_the_clock_is_set_back():
    assert hiding(ALERT, [replace(DISKS, is_over=True)], NOW) is None


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ({"services": frozenset()}, True),
        ({"services": frozenset({"checkout"})}, False),
        ({"environment": ""}, True),
        ({"environment": "prod"}, False),
        ({"labels": {"host": "wh-*"}}, True),
        ({"labels": {"host": "eu-*"}}, False),
        ({"labels": {"host": "wh-*", "alertname": "DiskFull"}}, False),
        ({"labels": {"missing": "x"}}, False),
    ],
)
def test_all_that_a_window_names_must_fit(change, fits):
    assert covers(replace(DISKS, **change), ALERT) is fits


def test_of_two_windows_the_one_that_ends_last_hides():
    longer = replace(DISKS, id=2, until=NOW + 2 * HOUR, why="Firmware.")

    hidden = hiding(ALERT, [longer, DISKS], NOW)

    assert hidden is not None
    assert hidden.window == 2


def test_a_freeze_hides_nothing_and_keeps_agents_off():
    freeze = replace(DISKS, kind=Kind.FREEZE, services=frozenset(), why="Black Friday.")

    assert hiding(ALERT, [freeze], NOW) is None
    assert hands_off("checkout", "lab", [freeze], NOW) == (
        "Changes are frozen on lab/checkout until 2026-03-01 13:00 UTC: Black Friday. A person must decide."
    )
    assert hands_off("checkout", "prod", [freeze], NOW) == ""
    assert hands_off("checkout", "lab", [freeze], NOW + HOUR) == ""


def test_people_at_work_keep_agents_off_also_where_labels_narrow_the_window():
    narrow = replace(DISKS, labels={"host": "wh-7"})

    assert hands_off("search", "lab", [narrow], NOW).startswith("People work on it on lab/search")
    assert hands_off("search", "lab", [replace(narrow, services=frozenset(), environment="")], NOW) == ""


def test_a_freeze_is_named_before_a_maintenance():
    freeze = replace(DISKS, id=2, kind=Kind.FREEZE, why="Year end.")

    assert "Year end." in hands_off("search", "lab", [DISKS, freeze], NOW)
