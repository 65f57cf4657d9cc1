"""Every address, verb and topic, tried by nobody, by each role, and by somebody of another team."""

import json
import re
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver

from agents.models import Evidence, Remediation
from console.topics import TOPICS, heard
from core.actors import SYSTEM, Actor, Role
from incidents.models import Alert
from people.scopes import SCOPES
from people.services.add_person import add_person
from people.services.add_token import add_token
from people.services.grant_role import grant_role
from tests.console import matrix, world

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
HOOKS = "/hooks/"
"""The token in the address is what lets a sender in; tests/connectors/intake has the attacks."""


@pytest.fixture
def names(waiting, policy, cast):
    """What the placeholders of the table stand for."""
    key, (incident, request) = world.key_of(cast["ben"]), waiting
    alert = Alert.objects.get(incident=incident)
    return {
        "/incidents/1/": f"/incidents/{incident.pk}/",
        "/alerts/1/": f"/alerts/{alert.pk}/",
        "/approvals/1/": f"/approvals/{request.pk}/",
        "/approval-requests/1/": f"/approval-requests/{request.pk}/",
        "KEY": key.key_id,
        "CHANGE": waiting[1].change_id,
        "EVIDENCE": Evidence.objects.exclude(sha256="").order_by("pk").first().sha256,
    }


@pytest.fixture
def people(names):
    """One person for each persona but the anonymous."""
    made = {matrix.NOBODY: add_person("n", "N", [], actor=SYSTEM)}
    for role in matrix.ROLES:
        made[role] = add_person(f"r-{role}", role, [role], actor=SYSTEM)
    for persona, team in ((matrix.THERE, "store"), (matrix.ELSEWHERE, "platform")):
        made[persona] = add_person(persona, persona, [], team=team, actor=SYSTEM)
        for role in ("operator", "approver"):
            grant_role(persona, role, scope=f"team:{team}", actor=SYSTEM)
    made["all"] = add_person("all", "All", sorted(Role), actor=SYSTEM)
    return made


def addresses(resolver=None, prefix="/"):
    """Every address of the URLconf, with the placeholders of the table."""
    for found in (resolver or get_resolver()).url_patterns:
        path = prefix + filled(str(found.pattern), prefix)
        if isinstance(found, URLResolver):
            yield from addresses(found, path)
        elif not path.startswith(HOOKS):
            yield path


def filled(pattern, prefix):
    plain = pattern.strip("^$")
    for word, place in (("changes/", "CHANGE"), ("evidence/", "EVIDENCE"), ("keys/", "KEY")):
        plain = re.sub(rf"{word}(\(\?P<\w+>\[0-9a-f\]\{{64\}}\)|<str:\w+>)", word + place, plain)
    plain = plain.replace("lab/<slug:name>", "lab/leak").replace("services/<slug:slug>", "services/payments")
    return re.sub(r"<(int|[a-z]+):[^>]+>", lambda kind: "1" if kind[1] == "int" else "x", plain)


@contextmanager
def undone():
    """What happens inside did not."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(client, method, path, names):
    """Ask as if for the first time: nothing is kept of it, neither rows nor cookies."""
    body, kept = matrix.BODIES.get(path, {}), client.cookies.copy()
    for word, value in names.items():
        path = path.replace(word, value)
    form = "application/json" if path.startswith("/api/") else "application/x-www-form-urlencoded"
    data = "" if method == "GET" else json.dumps(body) if path.startswith("/api/") else urlencode(body)
    with undone():
        answer = client.generic(method, path, data, content_type=form)
    client.cookies = kept
    return answer


def browser(person):
    client = Client()
    if person is not None:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def let_in(answer):
    sent_away = answer.status_code == 302 and answer["Location"].startswith("/sign-in/?next=")
    return not sent_away and answer.status_code not in {401, 403}


def expected():
    return {**matrix.PAGES, **matrix.API}


def test_each_address_and_verb_has_a_row_and_each_row_an_address(people, names):
    client = browser(people["all"])
    there = {
        (method, path)
        for path in set(addresses())
        for method in METHODS
        if ask(client, method, path, names).status_code != 405 or (method, path) in expected()
    }
    reachable = {row for row in there if not (row[1] in ANY_METHOD and row[0] != "GET")}

    assert reachable == set(expected())


ANY_METHOD = frozenset({"/healthz", "/readyz", "/metrics"})
"""Counts and yes or no; the verb makes no difference."""


@pytest.mark.parametrize("persona", matrix.PERSONAS)
def test_each_persona_is_let_in_where_the_table_says_and_nowhere_else(people, names, persona, monkeypatch):
    monkeypatch.setattr("console.labctl.run", lambda *_: "")
    client = browser(people.get(persona))
    answers = {row: ask(client, *row, names) for row in expected()}
    wrong = [
        f"{' '.join(row)}: {answer.status_code}"
        for row, answer in answers.items()
        if let_in(answer) != (persona in expected()[row])
    ]

    assert wrong == []


def test_lists_hold_what_belongs_to_ones_team_and_nothing_else(people):
    for persona, count in ((matrix.VIEWER, 1), (matrix.THERE, 1), (matrix.ELSEWHERE, 0)):
        client = browser(people[persona])
        for path in ("incidents/", "alerts/", "approval-requests/"):
            assert len(client.get(f"/api/v1/{path}").json()["results"]) == count, (persona, path)
        assert ("payments fails" in client.get("/").content.decode()) is bool(count)
    assert {row["slug"] for row in browser(people[matrix.THERE]).get("/api/v1/services/").json()["results"]} == {
        "checkout",
        "payments",
    }


def test_each_endpoint_takes_tokens_with_its_scope_and_no_others(people, names):
    """The person may do everything, so that only the token's scope can be what refuses."""
    closed = {row for row in matrix.API if matrix.API[row] != matrix.ANYBODY}
    assert set(matrix.SCOPES) == closed
    wrong = []
    for given in [*({scope} for scope in SCOPES), set(SCOPES)]:
        token = add_token("all", given, actor=SYSTEM)
        client = Client(headers={"authorization": f"Bearer {token}"})
        for (method, path), wanted in matrix.SCOPES.items():
            fits = any(set(way.split("+")) <= given for way in wanted)
            status = ask(client, method, path, names).status_code
            if (status not in {401, 403}) != fits:
                wrong.append(f"{method} {path} with {sorted(given)}: {status}")

    assert wrong == []


def test_a_token_opens_no_page(people, names):
    client = Client(headers={"authorization": f"Bearer {add_token('all', SCOPES, actor=SYSTEM)}"})
    opened = [
        f"{method} {path}"
        for (method, path), allowed in matrix.PAGES.items()
        if allowed != matrix.ANYBODY and let_in(ask(client, method, path, names))
    ]

    assert opened == []


@pytest.mark.parametrize("persona", matrix.PERSONAS[1:])
def test_each_persona_hears_of_what_it_may_read_and_of_nothing_else(people, waiting, persona):
    incident, request = waiting
    remediation = Remediation.objects.get(incident_id=incident.pk)
    real = {"incident:1": incident.subject, "remediation:1": remediation.subject, "request:1": f"request:{request.pk}"}
    said = {real.get(topic, topic): who for topic, who in matrix.TOPICS.items()}

    assert set(heard(people[persona].as_actor(), said)) == {topic for topic, who in said.items() if persona in who}


def test_each_kind_of_topic_has_a_row_and_unknown_ones_reach_nobody(people):
    assert {topic.partition(":")[0] for topic in matrix.TOPICS} == set(TOPICS)
    everything = people["all"].as_actor()
    assert heard(everything, ["secrets", "secrets:1", "", "incident"]) == ["incident"]
    assert heard(people[matrix.THERE].as_actor(), ["incident:", "incident:999999", "incident:x", "request:1;"]) == []
    assert heard(Actor(id="person:x"), matrix.TOPICS) == []


def test_every_topic_that_is_announced_is_in_the_table():
    announced = set()
    for path in ROOT.glob("[a-z]*/**/*.py"):
        if path.parts[len(ROOT.parts)] in {"tests", "docs", "benchmarks"} or ".venv" in path.parts:
            continue
        for call in re.findall(r"live\.changed\(([^)]*)", path.read_text(encoding="utf-8")):
            announced |= set(re.findall(r'f?"([a-z-]+)', call))

    assert announced <= set(TOPICS)
    assert {"queue", "audit", "keys"} <= announced
