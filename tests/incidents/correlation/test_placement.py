from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from incidents.correlation.placement import NewAlert, OpenIncident, place
from incidents.correlation.topology import Topology, deepest

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SHOP = Topology(
    edges=frozenset({("gateway", "checkout"), ("checkout", "payments"), ("checkout", "inventory")}),
    environments=dict.fromkeys(("gateway", "checkout", "payments", "inventory"), "lab"),
)


def alert(service="checkout", *, environment="lab", at=NOW, source="shop", name="Errors"):
    return NewAlert(service=service, environment=environment, source=source, name=name, at=at)


def incident(number, *firing, environment="lab", ago_s=60, names=()):
    heard = NOW - timedelta(seconds=ago_s)
    return OpenIncident(
        id=number,
        service=firing[0] if firing else "",
        environment=environment,
        firing=frozenset(firing),
        began_at=heard,
        last_activity_at=heard,
        names=frozenset(names),
    )


def test_the_first_alert_opens_an_incident_and_says_why():
    placement = place(alert(), [], SHOP, NOW)

    assert placement.incident_id is None
    assert "No open incident about checkout" in placement.why


@pytest.mark.parametrize(
    ("new", "offered", "joined"),
    [
        (alert("checkout"), [incident(1, "checkout")], 1),
        (alert("payments"), [incident(1, "checkout")], 1),
        (alert("gateway"), [incident(1, "payments")], 1),
        (alert("inventory"), [incident(1, "payments")], None),
        (alert("inventory"), [incident(1, "payments", "checkout")], 1),
        (alert("mail"), [incident(1, "payments")], None),
        (alert("payments", environment="prod"), [incident(1, "checkout")], None),
        (alert("checkout", environment="prod"), [incident(1, "checkout")], None),
        (alert("checkout", environment=""), [incident(1, "checkout")], 1),
        (alert("checkout"), [incident(1, "checkout", ago_s=901)], None),
        (alert("checkout"), [incident(1, "checkout", ago_s=899)], 1),
        (alert("payments"), [incident(1, "gateway"), incident(2, "checkout")], 2),
        (alert("checkout"), [incident(1, "payments", ago_s=1), incident(2, "checkout")], 2),
        (alert("checkout"), [incident(1, "checkout", ago_s=90), incident(2, "checkout", ago_s=10)], 2),
        (alert(""), [incident(1, "checkout")], None),
        (alert("", name="Watchdog"), [incident(1, names=[("shop", "Watchdog")])], 1),
        (alert("", name="Watchdog", source="other"), [incident(1, names=[("shop", "Watchdog")])], None),
    ],
)
def test_an_alert_joins_by_service_call_path_and_time_within_one_environment(new, offered, joined):
    assert place(new, offered, SHOP, NOW).incident_id == joined


def test_a_path_never_leaves_the_environment():
    split = Topology(edges=SHOP.edges, environments={**SHOP.environments, "checkout": "prod"})

    assert place(alert("gateway"), [incident(1, "payments")], split, NOW).incident_id is None


def test_a_joined_alert_names_the_path():
    placement = place(alert("payments"), [incident(1, "gateway")], SHOP, NOW)

    assert "gateway → checkout → payments" in placement.why


def test_an_event_far_older_than_the_incident_does_not_join_it():
    late = alert("checkout", at=NOW - timedelta(hours=2))

    assert place(late, [incident(1, "checkout")], SHOP, NOW).incident_id is None


@pytest.mark.parametrize(
    ("firing", "current", "expected"),
    [
        ({"checkout"}, "", "checkout"),
        ({"gateway", "checkout", "payments"}, "checkout", "payments"),
        ({"payments", "inventory", "checkout"}, "inventory", "inventory"),
        ({"payments", "inventory"}, "", "inventory"),
        ({"gateway", "mail"}, "mail", "mail"),
        (set(), "checkout", "checkout"),
    ],
)
def test_the_deepest_firing_service_is_the_one_the_others_need(firing, current, expected):
    assert deepest(firing, SHOP, current=current) == expected


def test_a_cycle_of_calls_ends():
    round_trip = Topology(edges=frozenset({("a", "b"), ("b", "a")}))

    assert deepest({"a", "b"}, round_trip) == "a"
    assert round_trip.path("a", "c", max_hops=8) == ()


def test_what_needs_a_service_that_is_down_joins_the_outage_however_long_it_lasts():
    outage = replace(incident(1, "payments", ago_s=7200), down=frozenset({"payments"}))

    found = place(alert("checkout"), [outage], SHOP, NOW)

    assert found.incident_id == 1
    assert found.why == "checkout needs payments, which is down (checkout → payments): part of that outage."
    assert place(alert("checkout"), [replace(outage, down=frozenset())], SHOP, NOW).incident_id is None
    assert place(alert("checkout", environment="prod"), [outage], SHOP, NOW).incident_id is None
    assert place(alert("checkout", at=NOW - timedelta(hours=4)), [outage], SHOP, NOW).incident_id is None


def test_what_a_broken_service_calls_is_not_part_of_its_outage_for_ever():
    outage = replace(incident(1, "checkout", ago_s=7200), down=frozenset({"checkout"}))

    assert place(alert("payments"), [outage], SHOP, NOW).incident_id is None


def test_an_incident_about_the_service_itself_beats_the_outage_below_it():
    outage = replace(incident(1, "payments"), down=frozenset({"payments"}))

    assert place(alert("checkout"), [outage, incident(2, "checkout")], SHOP, NOW).incident_id == 2
