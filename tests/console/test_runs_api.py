"""Remediations and runs over HTTP, as the outside reads them."""

import pytest

from agents.models import StepRun
from people.models import Person, RoleGrant
from tests.console import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def ran(waiting):
    """An incident with a remediation that failed, one that ran, and its run."""
    incident, _ = waiting
    found = world.remediation(incident, "COMPLETED")
    world.asked(found, incident, state="GRANTED")
    return incident, world.ran(found, incident, done=True)


def read(client, path):
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200
    return answer.json()


def test_all_remediations_of_an_incident_are_told_newest_first_as_it_tells_its_newest(as_, ran):
    incident, run = ran
    client = as_("ben")

    first, second = read(client, f"incidents/{incident.pk}/remediations/")["results"]

    assert (first["id"], first["state"], second["state"]) == (run.remediation_id, "COMPLETED", "AWAITING_APPROVAL")
    assert {"started_at", "ended_at"} <= set(first)
    assert first["started_at"].endswith("Z")
    newest = read(client, f"incidents/{incident.pk}/")["remediation"]
    assert {name: first[name] for name in newest} == newest


def test_a_run_is_told_with_its_steps(as_, ran):
    incident, run = ran
    (told,) = read(as_("ben"), "runs/")["results"]

    assert told == read(as_("ben"), f"runs/{run.pk}/")
    assert (told["id"], told["incident"], told["remediation"]) == (run.pk, incident.pk, run.remediation_id)
    assert (told["state"], told["change_digest"]) == ("SUCCEEDED", run.change_digest)
    (step,) = told["steps"]
    assert (step["index"], step["direction"], step["command"]) == (0, "act", "git revert --no-edit 8c1f2ae")
    assert "result" not in step


def test_runs_are_narrowed_by_incident_and_state(as_, ran):
    incident, _ = ran
    client = as_("ben")

    assert len(read(client, f"runs/?incident={incident.pk}&state=SUCCEEDED")["results"]) == 1
    assert read(client, f"runs/?incident={incident.pk + 1}")["results"] == []
    assert read(client, "runs/?state=FAILED")["results"] == []
    for odd in ("incident=x", "incident=" + "9" * 30, "state=HAPPY"):
        answer = client.get(f"/api/v1/runs/?{odd}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")


def test_who_reads_about_another_team_finds_none(client, ran):
    incident, run = ran
    for handle, scope, found in (("store", "team:store", 1), ("other", "team:platform", 0)):
        person = Person.objects.create(handle=handle, name=handle, created_at=run.started_at)
        RoleGrant.objects.create(person=person, role="operator", scope=scope)
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        client.get("/healthz")

        assert len(read(client, "runs/")["results"]) == found
        assert client.get(f"/api/v1/runs/{run.pk}/").status_code == (200 if found else 404)
        wanted = 200 if found else 403
        assert client.get(f"/api/v1/incidents/{incident.pk}/remediations/").status_code == wanted


def test_what_is_not_there_is_not_found(as_, db):
    for path in ("runs/7/", f"runs/{2**63}/", f"runs/{10**30}/", "incidents/7/remediations/"):
        assert as_("ben").get(f"/api/v1/{path}").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_runs(as_, ran, django_assert_max_num_queries):
    incident, run = ran
    StepRun.objects.create(run=run, index=1, title="b", command="b", key="f" * 64, started_at=run.started_at)
    for number in range(9):
        found = world.remediation(incident, "COMPLETED")
        found.change_digest = f"{number:064x}"
        found.save()
        more = world.ran(found, incident, done=True)
        assert more.change_digest == found.change_digest
    client = as_("ben")

    with django_assert_max_num_queries(8):
        assert len(read(client, "runs/")["results"]) == 10
