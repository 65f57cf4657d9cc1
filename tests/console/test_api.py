"""Incidents over HTTP, with what the agents do about them."""

import pytest

from audit.models import Document
from console import api
from tests.console import world

pytestmark = pytest.mark.django_db


def listed(client):
    return client.get("/api/v1/incidents/").json()["results"]


def test_an_incident_is_listed_with_its_newest_remediation_its_risk_and_its_approval(as_, waiting, cast):
    incident, request = waiting
    quiet = world.incident("nobody is on it")
    world.signed(request, cast["cleo"])

    rows = {row["id"]: row["remediation"] for row in listed(as_("ben"))}

    told = rows[incident.pk]
    assert rows[quiet.pk] is None
    assert told["state"] == "AWAITING_APPROVAL"
    assert told["change_digest"] == request.change_id
    assert (told["risk"]["tier"], told["risk"]["score"]) == (request.change.tier, request.change.score)
    assert {"name", "points"} <= set(told["risk"]["factors"][0])
    assert set(told["approval"]) == {"id", "state", "route", "needed", "have", "expires_at"}
    assert (told["approval"]["id"], told["approval"]["have"]) == (request.pk, 1)
    assert as_("ben").get(f"/api/v1/incidents/{incident.pk}/").json()["remediation"] == told


def test_a_change_is_read_once_and_told_the_same(as_, waiting, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(api, "READ", {})
    monkeypatch.setattr(api, "MOST_READ", 1)
    client, wanted = as_("ben"), Document.objects.get(pk=waiting[1].change_id)

    first = listed(client)

    assert list(api.READ) == [wanted.pk]
    with django_assert_num_queries(0):
        assert api._factors([wanted.pk])[wanted.pk] == first[0]["remediation"]["risk"]["factors"]
    assert listed(client) == first


def test_the_number_of_queries_does_not_grow_with_the_incidents(as_, waiting, django_assert_max_num_queries):
    client = as_("ben")
    for number in range(20):
        made = world.incident(f"another {number}")
        world.asked(world.remediation(made, "AWAITING_APPROVAL"), made)

    with django_assert_max_num_queries(11):
        assert len(listed(client)) == 21


def test_an_incident_of_any_number_that_is_not_there_is_not_found(as_, db):
    for number in (0, 2**63 - 1, 2**63, 10**40):
        assert as_("ben").get(f"/api/v1/incidents/{number}/").status_code == 404
