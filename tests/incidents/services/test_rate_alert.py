"""People's words on alerts: one a person and alert, counted by source."""

import json

import pytest

from core.actors import INTAKE, SYSTEM, Actor
from core.errors import BadInputError, NotFoundError, NotPermittedError
from incidents.models import Rating
from incidents.services.rate_alert import rate_alert
from incidents.usefulness import usefulness
from people.services.add_person import add_person

pytestmark = pytest.mark.django_db


def test_the_last_word_of_a_person_counts_and_the_same_again_writes_nothing(event, tell, ada, ben, verbs):
    alert = tell(event("a"))
    for verdict in ("noise", "noise", "useful"):
        rate_alert(alert.pk, verdict, actor=ada)
    rate_alert(alert.pk, "noise", actor=ben)

    assert set(Rating.objects.values_list("by", "verdict")) == {("person:ada", "useful"), ("person:ben", "noise")}
    assert verbs(alert.incident.subject).count("alert.rated") == 3


def test_rates_are_counted_by_source_the_noisiest_first(event, tell, ada, ben, django_assert_num_queries):
    for name, source, verdict in (("a", "shop", "useful"), ("b", "shop", "noise"), ("c", "loud", "noise")):
        rate_alert(tell(event(name, source=source)).pk, verdict, actor=ada)
    rate_alert(tell(event("d")).pk, "useful", actor=ben)

    with django_assert_num_queries(1):
        found = usefulness()
    assert [(one.source, one.useful, one.noise, one.people, one.rate) for one in found] == [
        ("loud", 0, 1, 1, 0.0),
        ("shop", 2, 1, 2, 0.667),
    ]


def test_only_people_who_may_read_it_rate_an_alert(event, tell, shop, mallory):
    alert = tell(event("a"))
    elsewhere = Actor(id="person:e", scoped=frozenset({("viewer", "service:lab/payments")}))
    here = Actor(id="person:h", scoped=frozenset({("viewer", "service:lab/checkout")}))
    for actor in (mallory, INTAKE, SYSTEM, elsewhere):
        with pytest.raises(NotPermittedError):
            rate_alert(alert.pk, "noise", actor=actor)
    assert rate_alert(alert.pk, "noise", actor=here).by == "person:h"


def test_what_is_no_verdict_and_no_alert_is_said_so(event, tell, ada):
    with pytest.raises(BadInputError, match="useful or noise"):
        rate_alert(tell(event("a")).pk, "meh", actor=ada)
    with pytest.raises(NotFoundError):
        rate_alert(404, "noise", actor=ada)


def test_over_http(client, event, tell):
    alert = tell(event("a"))
    viewer = add_person("v", "V", ["viewer"], actor=SYSTEM)
    client.force_login(viewer, backend="django.contrib.auth.backends.ModelBackend")

    def post(verdict):
        path = f"/api/v1/alerts/{alert.pk}/feedback/"
        return client.post(path, json.dumps({"verdict": verdict}), content_type="application/json")

    assert (post("noise").status_code, post("meh").status_code) == (201, 400)
    rows = client.get("/api/v1/alert-usefulness/").json()["results"]
    assert rows == [{"source": "shop", "useful": 0, "noise": 1, "people": 1, "rate": 0.0}]
