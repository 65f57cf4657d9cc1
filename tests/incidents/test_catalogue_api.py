"""The catalogue over HTTP: entered by admins, kept where nothing is said, and what agents may do never touched."""

import json

import pytest

from core.actors import SYSTEM
from incidents.models import Dependency, Service
from people.services.add_person import add_person
from people.services.grant_role import grant_role

pytestmark = pytest.mark.django_db
PATH = "/api/v1/services/"


@pytest.fixture
def ask(client, shop):
    """Ask as somebody with this role."""

    def post(body, role="admin", **headers):
        person = add_person(f"p-{role}", role, [role], actor=SYSTEM) if role not in made else made[role]
        made[role] = person
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client.post(PATH, json.dumps(body), content_type="application/json", headers=headers)

    made = {}
    return post


def test_a_service_is_entered_with_what_it_calls_and_read_back(ask, client, verbs):
    answer = ask(
        {"slug": "mail", "team": "post", "criticality": "important", "depends_on": ["checkout", "smtp-out"]},
        **{"Idempotency-Key": "k"},
    )
    again = ask({"slug": "mail"}, **{"Idempotency-Key": "other"})

    assert (answer.status_code, again.status_code) == (201, 201)
    assert answer.json() == again.json() == client.get(f"{PATH}mail/").json()
    assert answer.json()["depends_on"] == ["checkout", "smtp-out"]
    assert verbs("service:mail") == ["service.registered"]


def test_what_is_left_out_stays_and_what_agents_may_do_is_never_set(ask):
    Service.objects.filter(slug="checkout").update(targets={"supervisor": "checkout"}, autonomy="observe")
    called = set(Dependency.objects.filter(caller="checkout").values_list("callee", flat=True))
    answer = ask({"slug": "checkout", "team": "store", "autonomy": "act", "targets": {"supervisor": "other"}})

    found = Service.objects.get(slug="checkout")
    assert answer.status_code == 201
    assert (found.team, found.autonomy, found.targets) == ("store", "observe", {"supervisor": "checkout"})
    assert set(Dependency.objects.filter(caller="checkout").values_list("callee", flat=True)) == called
    ask({"slug": "checkout", "depends_on": []})
    assert not Dependency.objects.filter(caller="checkout").exists()


@pytest.mark.parametrize("role", ["operator", "manager", "viewer", "key-admin"])
def test_only_an_admin_enters_services(ask, role):
    assert ask({"slug": "checkout", "team": "mine"}, role=role).status_code == 403
    assert Service.objects.get(slug="checkout").team == ""


@pytest.mark.parametrize(
    "body",
    [
        {},
        [1],
        {"slug": "no slug"},
        {"slug": "<script>"},
        {"slug": "x", "criticality": "very"},
        {"slug": "x", "depends_on": "checkout"},
        {"slug": "x", "depends_on": ["../y"]},
        {"slug": "x", "depends_on": ["y"] * 201},
        {"slug": "x", "name": "n" * 121},
        {"slug": "x", "team": "\u0000"},
    ],
)
def test_nonsense_is_a_problem_and_enters_nothing(ask, body):
    answer = ask(body)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert not Service.objects.filter(slug="x").exists()


def test_somebody_of_one_team_reads_no_neighbour_of_another(client, shop):
    Service.objects.filter(slug="checkout").update(team="store")
    there = add_person("there", "There", [], team="store", actor=SYSTEM)
    grant_role("there", "viewer", scope="team:store", actor=SYSTEM)
    client.force_login(there, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(f"{PATH}checkout/").json()["depends_on"] == []
    assert client.get(f"{PATH}payments/").status_code == 403
