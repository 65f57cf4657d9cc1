"""ServiceNow both ways, with real processes on both sides: from a ticket to its outcome, and through outages."""

import httpx
import pytest

from lab.servicenow.instance import INTEGRATION
from tests.scenarios import loop
from tests.scenarios.conftest import running
from tests.scenarios.installations import wait_for
from tests.scenarios.snow import Snow

pytestmark = pytest.mark.scenario
HOURS_S = 7200


@pytest.fixture(scope="module")
def snow(tmp_path_factory):
    with running(Snow(tmp_path_factory.mktemp("servicenow")), needs_services=True) as installation:
        yield installation


def test_an_incident_is_one_ticket_there_though_the_answer_to_its_creation_never_came(snow):
    snow.control("habits", lose_answers=1, lose_after_s=4)

    snow.alert("billing")
    wait_for(lambda: snow.titled("billing is down"), 30, snow)
    wait_for(lambda: (snow.rows("incident") and snow.is_quiet()) or None, 30, snow)

    (row,) = snow.rows("incident")
    assert row["correlation_display"] == "Countersign"
    assert "Opened: billing is down" in row["description"]
    assert created(snow) == 1


def created(snow) -> int:
    return sum(one["method"] == "POST" for one in snow.control("requests")["requests"])


def test_what_we_write_there_comes_back_as_no_alert(snow):
    posted = snow.control("webhooks")["webhooks"]

    assert [one["outcome"] for one in posted] == ["202"] * len(posted)
    assert posted
    states = "SELECT d.state FROM connectors_delivery d JOIN connectors_source s ON s.id = d.source_id"
    echoes = snow.select(f"{states} WHERE s.kind = 'servicenow'")
    assert {state for (state,) in echoes} == {"IGNORED"}
    assert len(snow.incidents()) == 1


def test_a_change_runs_once_the_right_person_approved_it_there_and_its_ticket_ends_with_the_outcome(snow):
    ticket = a_person_opens_a_ticket(snow)
    incident = wait_for(lambda: snow.titled("Payments fail"), 20, snow)
    asked = snow.wait_for_state(incident["id"], "AWAITING_APPROVAL", "FAILED", limit_s=40)
    assert asked["remediation"]["state"] == "AWAITING_APPROVAL", asked["remediation"]
    change = wait_for(lambda: next(iter(snow.rows("change_request", "state=-4")), None), 20, snow)
    snow.sign(asked["remediation"]["approval"]["id"])

    everybody_else_says_yes(snow, change)
    another_hash_is_approved(snow, change)

    standing = snow.incident(incident["id"])["remediation"]
    assert standing["state"] == "AWAITING_APPROVAL"
    doing = snow.select(f"SELECT doing FROM agents_remediation WHERE incident_id = {incident['id']}")
    assert "ServiceNow" in doing[0][0]
    assert not loop.git_log(snow)[0].startswith("Revert")
    assert snow.select("SELECT count(*) FROM connectors_assent WHERE counts") == [(0,)]

    snow.answers(change, "approver.one", "requested")
    snow.answers(change, "approver.one", "approved")
    ended = snow.wait_for_state(incident["id"], "COMPLETED", "ROLLED_BACK", "FAILED", limit_s=60)
    assert (ended["remediation"]["state"], ended["state"]) == ("COMPLETED", "RESOLVED")
    assert loop.git_log(snow)[0].startswith("Revert")

    closed = wait_for(lambda: next(iter(snow.rows("change_request", "state=3")), None), 20, snow)
    assert closed["sys_id"] == change["sys_id"]
    assert closed["close_code"] == "successful"
    resolved = wait_for(lambda: next(iter(snow.rows("incident", "state=6")), None), 20, snow)
    assert resolved["sys_id"] == ticket["sys_id"]
    for told in (resolved["close_notes"], closed["close_notes"]):
        assert "Outcome: it helped." in told
        assert "Ledger checkpoint: " in told
    wait_for(snow.is_quiet, 20, snow)
    assert len(snow.rows("incident")) == len(snow.incidents()) == 2
    assert len(snow.rows("change_request")) == 1


def a_person_opens_a_ticket(snow):
    """The shop breaks, its monitor rings, and somebody writes a ticket about it."""
    ci = snow.act("fred.luddy", "cmdb_ci", {"name": "payments"})
    snow.break_shop()
    assert snow.heard.firing.wait(40), snow.tail()
    told = {"short_description": "Payments fail", "impact": "1", "urgency": "1", "business_service": ci["sys_id"]}
    return snow.act("fred.luddy", "incident", told)


def everybody_else_says_yes(snow, change):
    """A post that claims it, the requester, an operator, somebody unknown, another one's hand; and past them all."""
    snow.control("habits", everybody=True)
    olga = snow.act("system", "sys_user", {"user_name": "olga.operator", "email": "o@example.test", "active": "true"})
    for user in (snow.user(INTEGRATION), olga):
        values = {"sysapproval": change["sys_id"], "document_id": change["sys_id"], "approver": user["sys_id"]}
        snow.act("system", "sysapproval_approver", values)
    forged = {**snow.approver(change, "approver.one"), "state": "approved", "table": "sysapproval_approver"}
    body = {"event": "sysapproval_approver.updated", "record": forged}
    httpx.post(snow.made["servicenow"], json=body, timeout=10).raise_for_status()
    snow.act("fred.luddy", "change_request", {"approval": "approved"}, change["sys_id"])

    snow.answers(change, INTEGRATION, "approved")
    snow.answers(change, "olga.operator", "approved")
    snow.answers(change, "approver.two", "approved")
    snow.answers(change, "approver.one", "approved", by="fred.luddy")

    reasons = wait_for(lambda: objections(snow, 4), 20, snow)
    assert [one[:26] for one in reasons] == [
        "It was given with our own ",
        "Nobody here is known to be",
        "Somebody else than the app",
        "They may not approve chang",
    ]


def another_hash_is_approved(snow, change):
    """The right person says yes, but to what names another plan."""
    other = {"correlation_id": f"countersign:change:{'0' * 64}"}
    snow.act("fred.luddy", "change_request", other, change["sys_id"])
    snow.answers(change, "approver.one", "requested")
    snow.answers(change, "approver.one", "approved")

    reasons = wait_for(lambda: objections(snow, 5), 20, snow)
    assert any("another plan's hash" in one for one in reasons)
    snow.act("fred.luddy", "change_request", {"correlation_id": change["correlation_id"]}, change["sys_id"])


def objections(snow, count):
    found = sorted(why for (why,) in snow.select("SELECT why FROM connectors_assent WHERE NOT counts"))
    return found if len(found) >= count else None


def test_two_hours_without_them_and_two_hours_without_us_lose_nothing_and_double_nothing(snow):
    before = len(snow.rows("incident"))
    snow.control("habits", lose_answers=1, lose_after_s=10)
    posts = created(snow)
    snow.alert("search")
    wait_for(lambda: created(snow) > posts or None, 20, snow)
    snow.kill("worker", "snow")  # one of them in the middle of an answer, the other in the middle of waiting for it

    snow.start_worker()
    snow.alert("mail")
    wait_for(lambda: snow.titled("mail is down"), 40, snow)
    wait_for(lambda: snow.select("SELECT 1 FROM connectors_ticket WHERE error <> ''") or None, 40, snow)
    snow.alert("search", status="resolved")

    snow.kill("worker", "web", "beat")
    snow.start_snow()
    snow.control("time", shift_s=HOURS_S - 60)
    unheard = snow.act("fred.luddy", "incident", {"short_description": "Printing is down", "impact": "2"})
    snow.control("time", shift_s=HOURS_S)
    assert "Error" in snow.control("webhooks")["webhooks"][-1]["outcome"]

    later = snow.later(HOURS_S)
    snow.start_web(later)
    snow.start_worker(later)
    snow.start_beat(later)
    wait_for(lambda: snow.titled("Printing is down"), 60, snow)
    rows = wait_for(lambda: told_rows(snow, before + 3), 60, snow)
    wait_for(snow.is_quiet, 30, snow)

    assert snow.rows("incident") == rows
    assert len(rows) == len(snow.incidents()) == before + 3
    assert sum("search is down" in row["short_description"] for row in rows) == 1
    assert sum("mail is down" in row["short_description"] for row in rows) == 1
    assert len({row["correlation_id"] for row in rows if row["correlation_id"]}) == 3
    (theirs,) = [row for row in rows if row["sys_id"] == unheard["sys_id"]]
    assert theirs["correlation_id"] == ""
    snow.manage("audit", "fsck")


def told_rows(snow, count):
    """So many rows, once each of them says once how it was opened."""
    rows = snow.rows("incident")
    notes = ["\n".join(row["work_notes"]) for row in rows]
    return rows if len(rows) >= count and all(note.count("Opened:") == 1 for note in notes) else None
