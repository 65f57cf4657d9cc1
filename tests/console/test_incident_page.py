"""One incident, from symptom to end."""

import pytest

from audit.models import Document
from incidents.models import Incident
from tests.console import world

pytestmark = pytest.mark.django_db


def page_of(client, incident):
    return client.get(f"/incidents/{incident.pk}/").content.decode()


def test_it_shows_the_symptom_the_causes_the_plan_and_the_risk(as_, waiting):
    page = page_of(as_("ben"), waiting[0])
    for words in (
        "Error rate of payments",
        "limit 1 %",
        "commit 8c1f2ae",
        "Commit 8c1f2ae made payments&#x27; acquirer time-out too short",
        "91 %",
        "Speaks against it",
        "git revert --no-edit 8c1f2ae",
        "dashed: nobody is bound by it yet",
        "May the agents revert commit 8c1f2ae",
        "external: shoppers who pay",
        "3 services inside the blast radius",
        "ranked 3 hypotheses",
    ):
        assert words in page, words


def test_who_may_sign_is_asked_to_and_others_may_read(as_, keyed):
    assert "You may sign" in page_of(as_("ben"), keyed[0])
    assert "You may sign" not in page_of(as_("ada"), keyed[0])
    assert "Read what is asked" in page_of(as_("ada"), keyed[0])


def test_every_citation_leads_to_its_stored_snapshot(as_, waiting):
    client = as_("ada")
    page = page_of(client, waiting[0])
    links = {part.split('"')[0] for part in page.split('href="/evidence/')[1:]}
    assert len(links) >= 4
    for link in links:
        assert client.get(f"/evidence/{link}").status_code == 200


def test_a_changed_plan_is_not_shown_as_the_plan(as_, waiting):
    _, request = waiting
    swap_document(request.change_id)
    page = page_of(as_("ben"), waiting[0])
    assert "no longer matches it" in page
    assert "Nothing can run from it" in page
    assert "git revert" not in page.partition('id="timeline"')[0]


def swap_document(digest):
    """What a superuser of the database could do, past its guards."""
    row = Document.objects.get(pk=digest)
    content = bytes(row.content).replace(b"8c1f2ae", b"0000000")
    from django.db import connection

    with connection.cursor() as cursor:
        triggers = []
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type='trigger' AND tbl_name='audit_document'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f'DROP TRIGGER "{name}"')
        else:
            cursor.execute("ALTER TABLE audit_document DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_document SET content = %s WHERE sha256 = %s", [content, digest])
        for _, sql in triggers:
            cursor.execute(sql)
        if connection.vendor != "sqlite":
            cursor.execute("ALTER TABLE audit_document ENABLE TRIGGER USER")


def test_an_operator_acknowledges_takes_over_and_resolves(as_, waiting, cast):
    incident = waiting[0]
    client = as_("ada")
    assert client.post(f"/incidents/{incident.pk}/acknowledgement/").status_code == 302
    assert Incident.objects.get(pk=incident.pk).state == "ACKNOWLEDGED"
    assert client.post(f"/incidents/{incident.pk}/taking-over/").status_code == 302
    assert Incident.objects.get(pk=incident.pk).held_by == cast["ada"].pk
    assert client.post(f"/incidents/{incident.pk}/resolution/", {"why": ""}).status_code == 400
    assert client.post(f"/incidents/{incident.pk}/resolution/", {"why": "restarted by hand"}).status_code == 302
    page = page_of(client, incident)
    assert "<b>Ada Operator</b> resolved the incident: restarted by hand" in page
    assert client.post(f"/incidents/{incident.pk}/closure/").status_code == 302


@pytest.mark.parametrize("handle", ["dan", "vera"])
def test_who_does_not_operate_has_neither_button_nor_endpoint(as_, waiting, handle):
    incident = waiting[0]
    client = as_(handle)
    assert "Take over <kbd>" not in page_of(client, incident)
    for verb in ("acknowledgement", "taking-over", "resolution", "closure"):
        response = client.post(f"/incidents/{incident.pk}/{verb}/", {"why": "because"})
        assert response.status_code == 403, verb
    assert Incident.objects.get(pk=incident.pk).state == "OPEN"


def test_what_comes_too_late_is_told_on_the_page(as_, waiting):
    incident = waiting[0]
    client = as_("ada")
    client.post(f"/incidents/{incident.pk}/resolution/", {"why": "gone"})
    response = client.post(f"/incidents/{incident.pk}/taking-over/", follow=True)
    assert "nothing to take over" in response.content.decode()


def test_a_called_person_reads_why_and_what_to_do(as_, lab, cast):
    from core import clock

    made = world.incident("heap grows", called_at=clock.now(), called_because="The restart did not help.")
    world.remediation(made, "ROLLED_BACK", note="The restart did not help.")
    page = page_of(as_("ada"), made)
    assert "A person is needed" in page
    assert "The restart did not help." in page
    assert "Rolled back" in page


def test_nothing_read_and_nothing_known_is_said(as_, lab, cast):
    watched = world.incident("someone else's", autonomy="observe", service="")
    assert "Agents only watch what this source reports" in page_of(as_("ada"), watched)
    begun = world.incident("just now")
    world.remediation(begun, "ANALYZING", doing="reads 12 series")
    page = page_of(as_("ada"), begun)
    assert "Nothing was read yet" in page
    assert "reads 12 series" in page


def test_an_incident_that_does_not_exist_is_a_page_too(as_):
    response = as_("ada").get("/incidents/999/")
    assert response.status_code == 404
    assert "There is no incident INC-999" in response.content.decode()


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("REJECTED", "Nothing ran. The plan and the reason stay on record."),
        ("EXPIRED", "silence never approves"),
        ("VOIDED", "no signature under it counts"),
        ("WITHDRAWN", "Nothing needs a signature any more"),
    ],
)
def test_a_request_that_came_to_nothing_says_what_to_do_next(as_, lab, cast, state, says):
    made = world.incident()
    found = world.remediation(made, "FAILED", note="It came to nothing.")
    world.asked(found, made, state=state)
    page = page_of(as_("ada"), made)
    assert says in page
    assert "Next: take the incident over, act by hand" in page
    assert "Next: an operator takes the incident over." in page_of(as_("dan"), made)
    Incident.objects.filter(pk=made.pk).update(held_by=cast["ada"].pk)
    assert "Ada Operator has the incident" in page_of(as_("ben"), made)


def test_while_the_agents_plan_again_nobody_is_sent_to_take_over(as_, lab, cast):
    made = world.incident()
    world.asked(world.remediation(made, "PLANNING"), made, state="VOIDED")
    page = page_of(as_("ada"), made)
    assert "ask again if they have another plan" in page
    assert "Next: take" not in page
