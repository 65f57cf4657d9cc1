"""Lists of alerts and incidents: filtered, page by page, the same work whatever there is."""

from base64 import b64encode

import pytest
from django.test import Client
from rest_framework.serializers import ModelSerializer

from incidents.events import Metric
from incidents.models import Alert, Incident
from incidents.selectors import incidents_with_counts
from incidents.serializers import AlertSerializer, IncidentSerializer
from people.models import Person, RoleGrant

pytestmark = [pytest.mark.django_db, pytest.mark.urls("incidents.urls")]


@pytest.fixture
def grant(t0):
    """A browser of somebody who holds a role, everywhere or in a part."""

    def make(handle="ada", scope=""):
        person = Person.objects.create(handle=handle, name=handle.title(), created_at=t0)
        RoleGrant.objects.create(person=person, role="operator", scope=scope)
        client = Client()
        client.force_login(person)
        client.get("/services/")  # the first request of a session writes down that it began
        return client

    return make


def alerts(t0, numbers, **fields):
    return Alert.objects.bulk_create(
        Alert(
            **{
                "source": "shop",
                "fingerprint": f"v1:{number}",
                "status": "resolved",
                "severity": "warning",
                "title": f"alert {number}",
                "last_event_at": t0,
                "first_seen_at": t0,
                "last_seen_at": t0,
                **fields,
            }
        )
        for number in numbers
    )


def walk(client, path, between=lambda: None, way="next"):
    while path:
        page = client.get(path).json()
        yield from (row["id"] for row in page["results"])
        between()
        path = page[way]


def cursor(text):
    return b64encode(text.encode()).decode()


@pytest.mark.parametrize("path", ["/alerts/?status=resolved", "/alerts/?source=shop", "/alerts/"])
def test_each_alert_is_told_once_while_others_come_in_and_end(path, grant, t0):
    made = [alert.pk for alert in alerts(t0, range(130))]
    more = iter(range(1_000, 2_000))

    told = list(walk(grant(), path, between=lambda: alerts(t0, [next(more) for _ in range(70)])))

    assert told == sorted(made, reverse=True)


def test_each_incident_is_told_once_there_and_back(grant, t0):
    made = Incident.objects.bulk_create(
        Incident(title=str(number), severity="S3", opened_at=t0, began_at=t0) for number in range(120)
    )
    client, newest_first = grant(), sorted((one.pk for one in made), reverse=True)

    there = list(walk(client, "/incidents/"))
    last = f"/incidents/?cursor={cursor(f'p={newest_first[-1]}&r=1')}"
    back = list(walk(client, last, way="previous"))

    assert there == newest_first
    assert sorted(back, reverse=True) == newest_first[:-1]
    assert len(back) == len(set(back))


@pytest.mark.parametrize(
    "bad",
    [
        "x",
        "%00",
        "ÿ",
        cursor("p=x"),
        cursor("p=1;drop"),
        cursor("p=-1"),
        cursor("p=" + "9" * 40),
        cursor("o=5"),
        cursor("o=x"),
        cursor("p=1&r=x"),
        cursor("p=%D9%A1"),
        "A" * 3_000,
    ],
)
@pytest.mark.parametrize("path", ["/alerts/", "/incidents/"])
def test_a_cursor_that_was_not_handed_out_is_refused_with_a_reason(path, bad, grant):
    response = grant().get(path, {"cursor": bad})

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["type"] == "urn:countersign:problem:bad-input"
    assert "begin again without" in response.json()["detail"]


def test_a_cursor_of_slugs_holds_no_control_characters(grant):
    assert grant().get("/services/", {"cursor": cursor("p=a%00b")}).status_code == 400


def test_alerts_are_found_by_each_of_their_words_and_by_several(grant, t0):
    alerts(t0, ["a"], status="firing", severity="critical", service="mail", source="grafana")
    alerts(t0, ["b"], status="firing", severity="info", service="mail")
    alerts(t0, ["c"], status="resolved", severity="critical", service="shop")
    client = grant()

    def titles(**filters):
        return [row["title"][-1] for row in client.get("/alerts/", filters).json()["results"]]

    assert titles(status="firing") == ["b", "a"]
    assert titles(severity="critical") == ["c", "a"]
    assert titles(severity=["critical", "info"], status="firing") == ["b", "a"]
    assert titles(service="mail", source="grafana") == ["a"]
    assert titles(service="mail", severity="critical", status="resolved") == []
    assert titles(source="nowhere") == []


def test_incidents_are_found_by_service_and_severity(grant, event, tell):
    mail = tell(event("m", service="mail", severity="critical")).incident_id
    tell(event("s", service="search"))
    client = grant()

    for filters in ({"service": "mail"}, {"severity": "S1"}, {"severity": "S1", "state": "OPEN", "service": "mail"}):
        assert [row["id"] for row in client.get("/incidents/", filters).json()["results"]] == [mail]
    assert client.get("/incidents/", {"service": "mail", "state": "CLOSED"}).json()["results"] == []


@pytest.mark.parametrize(
    "path",
    ["/alerts/?status=sleepy", "/alerts/?severity=S1", "/alerts/?service=%00", "/incidents/?severity=critical",
     "/incidents/?service=a%00", "/alerts/?fingerprint=%00"],
)  # fmt: skip
def test_a_filter_that_means_nothing_is_refused_with_what_there_is(path, grant):
    response = grant().get(path)

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"


def test_what_is_written_by_hand_is_what_the_fields_say(event, tell, t0):
    tell(event("a", metric=Metric(name="errors", value=1.5, unit="1")))
    alert = Alert.objects.get()
    alert.ends_at = t0.replace(microsecond=250_000)
    incident = incidents_with_counts().get()

    for serializer, row in ((AlertSerializer(), alert), (IncidentSerializer(), incident)):
        assert serializer.to_representation(row) == dict(ModelSerializer.to_representation(serializer, row))


def test_a_storm_tells_its_kept_count_instead_of_counting(grant, t0):
    storm = Incident.objects.create(title="A storm", severity="S3", opened_at=t0, began_at=t0, storm_count=70_000)
    alerts(t0, range(3), incident=storm)

    assert grant().get("/incidents/").json()["results"][0]["alerts_count"] == 70_000


@pytest.mark.parametrize("path", ["/alerts/", "/alerts/?status=resolved&service=s1", "/incidents/", "/services/"])
@pytest.mark.parametrize("scope", ["", "service:lab/s1"])
def test_the_number_of_queries_is_the_same_with_a_hundred_times_as_much(
    path, scope, grant, event, tell, t0, django_assert_num_queries, django_assert_max_num_queries
):
    tell(event("first", service="s1"))
    client = grant(scope=scope)
    with django_assert_max_num_queries(7) as few:
        client.get(path)

    alerts(t0, range(200), service="s1")
    Incident.objects.bulk_create(
        Incident(title=str(number), severity="S3", service="s1", opened_at=t0, began_at=t0) for number in range(100)
    )

    with django_assert_num_queries(len(few)):
        assert client.get(path).status_code == 200


def test_who_reads_a_part_is_listed_that_part_page_by_page(grant, t0):
    from incidents.services.register_service import ServiceEntry, register_service
    from tests.incidents.conftest import SYSTEM

    for slug, team in (("mail", "Store Team"), ("search", "Other"), ("pay", "---")):
        register_service(ServiceEntry(slug=slug, name=slug, environment="lab", team=team), actor=SYSTEM)
    mine = [alert.pk for alert in alerts(t0, range(60), service="mail")]
    alerts(t0, range(60, 90), service="search")
    alerts(t0, range(90, 95), service="pay")

    of_team, of_service = grant("ben", "team:store-team"), grant("cleo", "service:lab/pay")

    assert list(walk(of_team, "/alerts/")) == sorted(mine, reverse=True)
    assert len(list(walk(of_service, "/alerts/"))) == 5
    assert list(walk(grant("mallory", "service:prod/mail"), "/alerts/")) == []


def test_who_reads_a_part_is_listed_the_incidents_that_touch_it_and_may_open_each(grant, event, tell):
    from incidents.services.register_service import ServiceEntry, register_service
    from tests.incidents.conftest import SYSTEM

    for slug in ("shop", "mail", "pay"):
        register_service(ServiceEntry(slug=slug, name=slug, environment="lab", team=slug), actor=SYSTEM)
    about = tell(event("about", service="mail")).incident_id
    touching = tell(event("touching", service="shop")).incident_id
    Incident.objects.filter(pk=touching).update(services=["mail", "shop"])
    tell(event("neither", service="pay"))
    client = grant("ben", "team:mail")

    told = list(walk(client, "/incidents/"))

    assert told == sorted([about, touching], reverse=True)
    assert {client.get(f"/incidents/{pk}/").status_code for pk in told} == {200}
    assert list(walk(grant("cleo", "service:lab/shop"), "/incidents/?state=OPEN")) == [touching]
    assert list(walk(grant("mallory", "team:nobody"), "/incidents/")) == []
