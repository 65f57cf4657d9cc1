"""Flapping, the loudest, and people's word on whether an alert was useful: on the incident's page and the source's."""

from datetime import timedelta

import pytest

from core import clock
from core.actors import SYSTEM
from incidents.models import Alert, Flapping, Rating
from incidents.services.rate_alert import rate_alert
from people.services.add_person import add_person
from people.services.grant_role import grant_role
from tests.console import world

pytestmark = pytest.mark.django_db
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def burning(lab, cast):
    made = world.incident()
    return made, Alert.objects.get(incident=made)


def more(incident, count, title="Disk slow"):
    now = clock.now()
    for number in range(count):
        Alert.objects.create(
            source="lab",
            fingerprint=f"v1:more-{number}",
            status="firing",
            severity="warning",
            title=title,
            service="payments",
            last_event_at=now,
            first_seen_at=now,
            last_seen_at=now,
            delivery_id="d",
            incident=incident,
        )


def test_a_person_says_whether_an_alert_was_useful_and_may_think_again(as_, burning):
    incident, alert = burning
    address = f"/incidents/{incident.pk}/alerts/{alert.pk}/rating/"
    rate_alert(alert.pk, "useful", actor=world.Person.objects.get(handle="cleo").as_actor())
    client = as_("ben")
    for verdict in ("useful", "noise"):
        answer = client.post(address, {"verdict": verdict})
        assert (answer.status_code, answer["Location"]) == (302, f"/incidents/{incident.pk}/#alert-{alert.pk}")
    page = client.get(f"/incidents/{incident.pk}/").content.decode()

    assert 'value="noise" aria-pressed="true">No, noise <span class="faint">1</span>' in page
    assert 'value="useful" aria-pressed="false">Yes <span class="faint">1</span>' in page
    assert Rating.objects.count() == 2


def test_nonsense_and_another_incidents_alert_are_refused(as_, burning):
    incident, alert = burning
    other = world.incident("other")
    client = as_("ben")

    assert client.post(f"/incidents/{incident.pk}/alerts/{alert.pk}/rating/", {"verdict": EVIL}).status_code == 400
    assert client.post(f"/incidents/{other.pk}/alerts/{alert.pk}/rating/", {"verdict": "noise"}).status_code == 404
    assert not Rating.objects.exists()


def test_somebody_of_another_team_cannot_say_anything_about_it(client, burning):
    incident, alert = burning
    away = add_person("away", "Away", [], team="platform", actor=SYSTEM)
    grant_role("away", "operator", scope="team:platform", actor=SYSTEM)
    client.force_login(away, backend="django.contrib.auth.backends.ModelBackend")

    assert client.post(f"/incidents/{incident.pk}/alerts/{alert.pk}/rating/", {"verdict": "noise"}).status_code == 403
    assert not Rating.objects.exists()


def test_flapping_is_said_where_the_alert_stands_and_at_its_source(as_, burning):
    incident, alert = burning
    Alert.objects.filter(pk=alert.pk).update(is_flapping=True)
    now = clock.now()
    Flapping.objects.create(
        source="lab",
        fingerprint=alert.fingerprint,
        incident=incident,
        title=EVIL,
        since=now - timedelta(minutes=9),
        last_change_at=now,
        changes=7,
    )
    client = as_("vera")

    assert "<b>It flaps</b>: 7 changes since" in client.get(f"/incidents/{incident.pk}/").content.decode()
    page = client.get("/sources/lab/").content.decode()
    assert "flaps: 7 changes since" in page
    assert EVIL not in page


def test_many_alerts_are_told_by_who_talks_most_in_no_more_queries(as_, burning, django_assert_max_num_queries):
    incident, alert = burning
    client = as_("ben")
    more(incident, 400, title=f"Disk slow {EVIL}")
    rate_alert(alert.pk, "noise", actor=world.Person.objects.get(handle="cleo").as_actor())
    with django_assert_max_num_queries(40):
        page = client.get(f"/incidents/{incident.pk}/").content.decode()

    assert "20 of 401 that joined into this incident" in page
    assert "Loudest services" in page
    assert '<span class="faint">400 ×</span> Disk slow' in page
    assert EVIL not in page


def test_a_source_says_what_its_alerts_are_worth(as_, burning):
    incident, alert = burning
    assert "nobody said so far" in as_("vera").get("/sources/lab/").content.decode()
    more(incident, 3)
    rate_alert(alert.pk, "useful", actor=world.Person.objects.get(handle="cleo").as_actor())
    page = as_("vera").get("/sources/lab/").content.decode()

    assert "1 of 1 word say useful, by 1 person; too few to tell" in page
    assert "Disk slow" in page
