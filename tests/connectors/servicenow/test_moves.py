"""Where a request for a change stands there while the plan goes on here: `moves`, and what the fake refuses."""

import pytest

from connectors.servicenow.maps import maps_of
from connectors.servicenow.moves import stage_of, way
from core.errors import BadInputError

MAPS = maps_of({})
RAN = "remediation.executing"


@pytest.mark.parametrize(
    ("state", "verbs", "stage"),
    [
        ("PENDING", [], "ASKED"),
        ("GRANTED", ["request.granted"], "ASKED"),
        ("GRANTED", [RAN], "RUNNING"),
        ("GRANTED", [RAN, "remediation.completed"], "COMPLETED"),
        ("GRANTED", [RAN, "remediation.rolled_back"], "ROLLED_BACK"),
        ("GRANTED", [RAN, "remediation.failed"], "FAILED"),
        ("GRANTED", ["remediation.failed"], "CANCELLED"),
        ("GRANTED", ["remediation.failed", RAN, "remediation.completed"], "CANCELLED"),
        ("GRANTED", [RAN, "remediation.rolled_back", RAN, "remediation.completed"], "ROLLED_BACK"),
        ("REJECTED", [], "CANCELLED"),
        ("EXPIRED", [], "CANCELLED"),
        ("WITHDRAWN", [], "CANCELLED"),
        ("VOIDED", [RAN, "remediation.completed"], "CANCELLED"),
    ],
)
def test_the_stage_is_told_by_the_request_and_by_what_was_recorded_since(state, verbs, stage):
    assert stage_of(state, verbs) == stage


@pytest.mark.parametrize(
    ("now", "stage", "approval", "codes"),
    [
        ("-5", "ASKED", "requested", ["-4"]),
        ("-4", "ASKED", "requested", []),
        ("-2", "ASKED", "approved", []),
        ("-5", "ASKED", "rejected", []),
        ("-2", "RUNNING", "approved", ["-1"]),
        ("-5", "RUNNING", "approved", ["-4", "-3", "-2", "-1"]),
        ("-5", "RUNNING", "requested", ["-4"]),
        ("-4", "RUNNING", "requested", []),
        ("-1", "COMPLETED", "approved", ["0", "3"]),
        ("3", "COMPLETED", "approved", []),
        ("0", "RUNNING", "approved", []),
        ("-4", "CANCELLED", "requested", ["4"]),
        ("3", "CANCELLED", "approved", []),
        ("4", "CANCELLED", "", []),
        ("77", "RUNNING", "approved", []),
        ("4", "RUNNING", "approved", []),
    ],
)
def test_it_goes_from_neighbour_to_neighbour_and_past_the_approval_only_when_it_is_theirs(now, stage, approval, codes):
    assert list(way(now, stage, approval, MAPS).codes) == codes


@pytest.mark.parametrize(
    ("now", "stage", "approval", "why"),
    [
        ("-4", "RUNNING", "requested", "not approved"),
        ("-5", "ASKED", "rejected", "rejected"),
        ("77", "RUNNING", "approved", "no map knows"),
        ("-2", "RUNNING", "approved", ""),
    ],
)
def test_where_it_ends_early_it_says_why(now, stage, approval, why):
    said = way(now, stage, approval, MAPS).why

    assert bool(said) == bool(why)
    assert why in said


def test_a_connection_has_states_of_its_own():
    told = {"route": ["10", "20", "30"], "moves": {"ASKED": "10", "RUNNING": "20", "CANCELLED": "99"}}
    told["moves"] |= {"COMPLETED": "30", "FAILED": "30", "ROLLED_BACK": ""}
    maps = maps_of({"maps": told})

    assert way("10", "COMPLETED", "approved", maps).codes == ["20", "30"]
    assert way("20", "ROLLED_BACK", "approved", maps).codes == ()
    assert way("10", "CANCELLED", "", maps).codes == ["99"]


@pytest.mark.parametrize(
    "maps",
    [
        {"route": "-5"},
        {"route": []},
        {"route": ["-5", 3]},
        {"moves": {"RUNNING": "77"}},
        {"moves": {"STARTED": "-1"}},
        {"route": ["1", "2"]},
        {"endings": {"COMPLETED": 1}},
    ],
)
def test_a_route_that_leads_nowhere_is_refused(maps):
    with pytest.raises(BadInputError):
        maps_of({"maps": maps})
