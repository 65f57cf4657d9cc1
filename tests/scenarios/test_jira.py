"""Jira with real processes on both sides: issues for incidents, through lost answers, a dead worker and an outage."""

import json

import httpx
import psycopg
import pytest

from tests.scenarios.conftest import running
from tests.scenarios.installations import PYTHON, Production, wait_for
from tests.with_services import free_port

pytestmark = pytest.mark.scenario
CONFIG = {"deployment": "cloud", "project": "OPS", "poll_s": 1, "settle_s": 20, "timeout_s": 2}
LAG_S = 3
LATER = (PYTHON, "-m", "tests.scenarios.later", "200")
"""By this clock the time is over for which a dead worker kept its ticket to itself."""


class Site(Production):
    """Web, worker and beat, no agents' tools, and a Jira in a process of its own."""

    def start(self):
        self.prepare_environment()
        self.manage("prepare")
        self.manage("person", "add", "Operator", "--handle", "operator", "--role", "operator")
        made = json.loads(self.manage("source", "add", "alertmanager", "--name", "Elsewhere", "--json"))
        self.hook = made["url"].replace("localhost", "127.0.0.1")
        self.site_port = free_port()
        self.jira = httpx.Client(base_url=f"http://127.0.0.1:{self.site_port}", timeout=10)
        self.spawn("jira", PYTHON, "-m", "lab.jira", "--port", str(self.site_port))
        account = wait_for(self._told_account, 20, self)
        self._connect(account)
        self.start_web()
        self.start_worker()
        self.start_beat()
        self.authorise()
        wait_for(lambda: self.answers() or None, 30, self)
        return self

    def _told_account(self):
        lines = (self.folder / "jira.log").read_text().splitlines()
        return json.loads(lines[0]) if lines else None

    def _connect(self, account):
        config, secret = self.folder / "jira.json", self.folder / "account.json"
        config.write_text(json.dumps({**CONFIG, "url": account["url"]}))
        secret.write_text(json.dumps({"user": account["user"], "token": account["token"]}))
        self.manage("jira", "connect", "--name", "ops", "--config", str(config), "--secret", str(secret))

    def answers(self):
        try:
            return self.client.get("/healthz").is_success
        except httpx.TransportError:
            return False

    def control(self, verb, **said):
        return self.jira.post(f"/lab/{verb}", json=said).raise_for_status().json()

    def issues(self):
        return self.control("issues")["issues"]

    def alert(self, service, status="firing"):
        one = {
            "status": status,
            "labels": {"alertname": f"{service} is down", "service": service, "severity": "critical"},
            "annotations": {"description": "[click|http://evil.example] {code}"},
            "startsAt": "2026-01-01T00:00:00Z",
            "fingerprint": service.encode().hex()[:16],
        }
        httpx.post(self.hook, json={"version": "4", "status": status, "alerts": [one]}, timeout=10).raise_for_status()

    def incident_of(self, service):
        return next((one for one in self.incidents() if one["service"] == service), None)

    def stop(self):
        super().stop()
        self.jira.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running(Site(tmp_path_factory.mktemp("jira")), needs_services=True) as installation:
        yield installation


def created(site):
    asked = site.control("requests")["requests"]
    return sum((one["method"], one["path"]) == ("POST", "/rest/api/2/issue") for one in asked)


def opened(site, service):
    """The issues about a service, once each tells how its incident was opened."""
    found = [one for one in site.issues() if service in one["fields"]["summary"]]
    told = ["Opened:" in str(one["fields"]["description"]) + str(one["comments"]) for one in found]
    return found if found and all(told) else None


def test_an_incident_is_one_issue_though_the_answer_was_lost_and_the_search_shows_it_late(site):
    site.control("habits", lose_answers=1, lose_after_s=3, index_lag_s=LAG_S)

    site.alert("billing")
    (issue,) = wait_for(lambda: opened(site, "billing"), 60, site)
    wait_for(lambda: is_quiet(site), 60, site)

    assert created(site) == len(site.issues()) == 1
    assert any(label.startswith("countersign:") for label in issue["fields"]["labels"])
    assert "[click|http://evil.example]" not in json.dumps(issue["fields"])


def is_quiet(site):
    """Whether nothing is left to tell."""
    with psycopg.connect(site.environment["DATABASE_URL"]) as connection:
        rows = connection.execute("SELECT count(*) FROM connectors_ticket WHERE wanted_seq > done_seq").fetchall()
    return rows == [(0,)] or None


def test_workers_that_die_in_the_middle_of_a_create_make_no_second_issue(site):
    before = created(site)
    site.control("habits", lose_answers=1, lose_after_s=10)
    site.alert("search")
    wait_for(lambda: created(site) > before or None, 30, site)
    for name in ("worker", "beat", "web"):
        site.processes[name].kill()
        site.processes[name].wait()

    for start in (site.start_web, site.start_worker, site.start_beat):
        start(LATER)
    wait_for(lambda: site.answers() or None, 30, site)
    site.control("time", shift_s=float(LATER[-1]))
    wait_for(lambda: is_quiet(site), 60, site)
    assert created(site) == before + 1
    assert len(opened(site, "search")) == 1


def test_what_people_do_there_is_read_back(site):
    (issue,) = opened(site, "search")
    site.control("act", issue=issue["key"], status="Done", by="somebody")

    wait_for(lambda: site.incident_of("search")["state"] == "RESOLVED" or None, 60, site)


def test_an_outage_loses_nothing_and_the_issue_ends_as_the_incident_does(site):
    site.control("habits", down=True)
    site.alert("billing", status="resolved")
    wait_for(lambda: site.incident_of("billing")["state"] == "RESOLVED" or None, 60, site)
    site.control("habits", down=False)

    def done():
        (issue,) = opened(site, "billing")
        return issue if issue["fields"]["status"]["name"] == "Done" else None

    issue = wait_for(done, 90, site)
    said = [comment["body"] for comment in issue["comments"]]
    assert sum("Resolved" in body for body in said) == 1, said
    site.manage("audit", "fsck")
