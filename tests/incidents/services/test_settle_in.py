import pytest

from core.actors import INTAKE
from incidents.desk import Desk
from incidents.models import Incident
from incidents.services.resolve import resolve
from incidents.services.settle_in import settle_in

pytestmark = pytest.mark.django_db


def test_an_incident_that_is_resolved_meanwhile_is_not_joined(event, tell, ada):
    first = tell(event("a"))
    resolve(first.incident_id, actor=ada, why="Just now.")
    second = tell(event("b", 5))

    assert second.incident_id != first.incident_id
    assert second.incident.state == "OPEN"


def test_the_entry_of_a_join_says_why(event, tell, shop):
    from audit import ledger

    first = tell(event("a", service="checkout"))
    tell(event("b", 5, service="payments"))

    joined = [line for line in ledger.timeline(first.incident.subject, limit=20) if "joined" in line.facts]
    assert "checkout → payments" in joined[0].facts["why"]


def test_a_suppressed_alert_opens_nothing_until_it_fires(event, tell):
    quiet = tell(event(status="suppressed"))
    assert (quiet.incident, Incident.objects.count()) == (None, 0)

    loud = tell(event(after_s=10))

    assert (loud.pk, loud.incident.state) == (quiet.pk, "OPEN")


def test_joining_lowers_autonomy_and_never_raises_it(event, tell, shop):
    tell(event("a"), "suggest")
    alert = tell(event("b", 5), "act")

    assert alert.incident.autonomy == "suggest"
    desk = Desk(INTAKE)
    assert settle_in(desk, alert, source_autonomy="observe").autonomy == "observe"
    desk.write()
    assert Incident.objects.get().autonomy == "observe"


def test_hours_into_an_outage_what_needs_the_broken_service_joins_it_and_says_why(event, tell, shop, monkeypatch, t0):
    from datetime import timedelta

    from audit import ledger
    from core import clock

    first = tell(event("a", service="payments", severity="high"))
    monkeypatch.setattr(clock, "now", lambda: t0 + timedelta(hours=3))
    second = tell(event("b", 3 * 3600, service="gateway"))

    assert second.incident_id == first.incident_id
    joined = [line for line in ledger.timeline(first.incident.subject, limit=20) if "joined" in line.facts]
    assert "gateway needs payments, which is down" in joined[0].facts["why"]


def test_a_mild_alert_is_no_outage(event, tell, shop, monkeypatch, t0):
    from datetime import timedelta

    from core import clock

    first = tell(event("a", service="payments", severity="warning"))
    monkeypatch.setattr(clock, "now", lambda: t0 + timedelta(hours=3))

    assert tell(event("b", 3 * 3600, service="gateway")).incident_id != first.incident_id
