import pytest
from django.test import Client

from core.actors import SYSTEM
from incidents.models import Incident
from people.models import ApiToken, Person, RoleGrant

pytestmark = [pytest.mark.django_db, pytest.mark.urls("incidents.urls")]


@pytest.fixture
def person(t0):
    def make(handle, *roles):
        made = Person.objects.create(handle=handle, name=handle.title(), created_at=t0)
        RoleGrant.objects.bulk_create([RoleGrant(person=made, role=role) for role in roles])
        return made

    return make


@pytest.fixture
def session(person):
    client = Client()
    client.force_login(person("ada", "operator"))
    return client


@pytest.fixture
def token(person, t0):
    """Headers of a token with these scopes, of an operator."""

    def make(*scopes):
        from people.services.add_token import add_token

        holder = person(f"bot{Person.objects.count()}", "operator")
        secret = add_token(holder.handle, list(scopes), actor=SYSTEM)
        assert ApiToken.objects.exists()
        return {"headers": {"authorization": f"Bearer {secret}"}}

    return make


def test_nobody_reads_without_signing_in(client, event, tell):
    tell(event())

    for path in ("/alerts/", "/incidents/", "/incidents/1/", "/services/", "/incidents/1/timeline/"):
        response = client.get(path)
        assert response.status_code in {401, 403}
        assert response.headers["Content-Type"].startswith("application/problem+json")


def test_a_token_for_something_else_reads_no_incidents(client, event, tell, token):
    incident = tell(event()).incident

    for path in ("/alerts/", "/incidents/", f"/incidents/{incident.pk}/", "/services/"):
        assert client.get(path, **token("approvals:read")).status_code == 403
        assert client.get(path, **token("incidents:read")).status_code == 200


def test_an_incident_looks_as_promised(session, event, tell):
    incident = tell(event()).incident

    told = session.get(f"/incidents/{incident.pk}/").json()

    assert {"id", "number", "title", "state", "severity", "service", "services", "alerts_count", "links"} <= set(told)
    assert (told["number"], told["alerts_count"], told["state"]) == (f"INC-{incident.pk}", 1, "OPEN")


def test_lists_are_newest_first_and_paged_by_cursor(session, event, tell):
    for number in range(60):
        tell(event(f"n{number}", service=f"s{number}"))

    page = session.get("/incidents/").json()
    rest = session.get(page["next"]).json()

    ids = [row["id"] for row in page["results"] + rest["results"]]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 60
    assert rest["next"] is None


def test_incidents_are_found_by_state_and_alerts_by_fingerprint(session, event, tell, ada):
    from incidents.services.resolve import resolve

    gone, here = tell(event("a")), tell(event("b", service="mail"))
    resolve(gone.incident_id, actor=ada, why="Gone.")

    open_ones = session.get("/incidents/?state=OPEN").json()["results"]
    alerts = session.get("/alerts/?fingerprint=v1:a").json()["results"]
    assert [row["id"] for row in open_ones] == [here.incident_id]
    assert [row["id"] for row in alerts] == [gone.pk]
    assert session.get("/incidents/?state=SLEEPY").status_code == 400
    assert session.get("/alerts/?incident=x'").status_code == 400


@pytest.mark.parametrize(
    "path", ["/incidents/99999999999999999999999/", "/alerts/99999999999999999999/", "/services/no/"]
)
def test_what_is_not_there_is_a_404_problem(session, path):
    response = session.get(path)

    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"


def test_the_number_of_queries_does_not_grow_with_the_page(session, event, tell, django_assert_max_num_queries):
    for number in range(30):
        tell(event(f"n{number}", service=f"s{number}"))
    session.get("/incidents/")  # the first request of a session writes down that it began

    with django_assert_max_num_queries(6):
        session.get("/incidents/")


def test_the_timeline_is_the_ledger_s(session, event, tell):
    incident = tell(event()).incident

    lines = session.get(f"/incidents/{incident.pk}/timeline/").json()["results"]

    assert [line["verb"] for line in lines] == ["incident.opened", "alert.fired"]
    assert lines[0]["actor"] == "service:intake"


def test_acknowledging_twice_under_one_key_is_one_act_with_one_answer(session, event, tell, verbs):
    incident = tell(event()).incident
    path = f"/incidents/{incident.pk}/acknowledgement/"

    first = session.post(path, headers={"idempotency-key": "k-1"})
    second = session.post(path, headers={"idempotency-key": "k-1"})
    third = session.post(path, headers={"idempotency-key": "k-2"})

    assert (first.status_code, second.status_code, third.status_code) == (201, 201, 409)
    assert first.json() == second.json()
    assert first.json()["state"] == "ACKNOWLEDGED"
    assert verbs().count("incident.acknowledged") == 1


def test_a_key_is_for_one_request_only(session, event, tell):
    one, other = tell(event("a")).incident, tell(event("b", service="mail")).incident
    session.post(f"/incidents/{one.pk}/acknowledgement/", headers={"idempotency-key": "k"})

    response = session.post(f"/incidents/{other.pk}/acknowledgement/", headers={"idempotency-key": "k"})

    assert response.status_code == 422
    assert Incident.objects.get(pk=other.pk).state == "OPEN"


def test_a_refused_act_leaves_no_receipt(session, event, tell, ada):
    from incidents.models import Receipt
    from incidents.services.acknowledge import acknowledge

    incident = tell(event()).incident
    acknowledge(incident.pk, actor=ada)

    response = session.post(f"/incidents/{incident.pk}/acknowledgement/", headers={"idempotency-key": "k"})

    assert response.status_code == 409
    assert not Receipt.objects.exists()


def test_a_token_needs_the_scope_to_write(client, event, tell, token):
    incident = tell(event()).incident
    path = f"/incidents/{incident.pk}/acknowledgement/"

    assert client.post(path, **token("incidents:read")).status_code == 403
    assert client.post(path, **token("incidents:write")).status_code == 201


def test_a_viewer_reads_and_does_not_acknowledge_and_who_has_no_role_reads_nothing(event, tell, person):
    incident = tell(event()).incident
    vera, mallory = Client(), Client()
    vera.force_login(person("vera", "viewer"))
    mallory.force_login(person("mallory"))

    assert vera.get(f"/incidents/{incident.pk}/").status_code == 200
    assert mallory.get(f"/incidents/{incident.pk}/").status_code == 403
    for client in (vera, mallory):
        assert client.post(f"/incidents/{incident.pk}/acknowledgement/").status_code == 403


def test_a_session_cannot_be_used_from_another_site(event, tell, person):
    incident = tell(event()).incident
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person("ada", "operator"))

    assert browser.post(f"/incidents/{incident.pk}/acknowledgement/").status_code == 403
