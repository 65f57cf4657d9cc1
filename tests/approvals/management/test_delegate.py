"""`delegate` over a real HTTP server, and `approve --for`, `--revoke`, `--abstain`."""

import json

import pytest
from django.core.management import CommandError

from approvals import selectors
from approvals.models import ApprovalRequest, Delegation
from approvals.services.propose import propose
from core.actors import PLANNER
from tests.approvals.decisions import state_of
from tests.approvals.management.test_approve import keygen, run
from tests.approvals.plans import rollback

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def on_the_consoles_own_computer(settings):
    settings.EMBEDDED = True


@pytest.fixture
def keys(cast, tmp_path) -> dict[str, str]:
    found = {}
    for handle in ("ben", "cleo"):
        path = keygen(tmp_path / handle, f"{handle}@laptop")
        run("key", "add", "--person", handle, "--ssh-key", f"{path}.pub")
        found[handle] = str(path)
    return found


@pytest.fixture
def request_(cast) -> ApprovalRequest:
    return propose(rollback(), actor=PLANNER)


def give(keys, live_server, *more: str) -> str:
    place = ("--ssh-key", keys["ben"], "--url", live_server.url)
    scope = ("--action", "rollback-config", "--target", "lab/*")
    return run("delegate", "give", "--to", "cleo", *scope, *place, *more)


def test_a_right_is_lent_listed_used_and_ended_from_a_terminal(request_, keys, live_server):
    said = give(keys, live_server)
    assert said.startswith("Cleo may sign for Ben: rollback-config on lab/*")
    (lent,) = Delegation.objects.all()

    run("approve", str(request_.pk), "--for", lent.pk[:8], "--ssh-key", keys["cleo"], "--url", live_server.url)
    assert state_of(request_) == "GRANTED"
    assert selectors.decisions(request_)[0].for_name == "Ben"

    assert json.loads(run("delegate", "list", "--json"))["state"] == "active"
    run("delegate", "end", lent.pk[:8], "--ssh-key", keys["cleo"], "--url", live_server.url)
    assert "ended" in run("delegate", "list", "--person", "ben")
    assert state_of(request_) == "PENDING"


def test_an_approval_is_taken_back_from_a_terminal(request_, keys, live_server):
    place = ("--ssh-key", keys["ben"], "--url", live_server.url)
    run("approve", str(request_.pk), *place)
    assert state_of(request_) == "GRANTED"

    run("approve", str(request_.pk), "--revoke", *place)
    assert state_of(request_) == "PENDING"
    run("approve", str(request_.pk), "--abstain", *place)
    assert selectors.decisions(request_)[-1].verdict == "abstain"


def test_what_contradicts_itself_or_was_never_lent_is_refused(request_, keys, live_server):
    place = ("--ssh-key", keys["cleo"], "--url", live_server.url)
    with pytest.raises(CommandError, match="Say one thing"):
        run("approve", str(request_.pk), "--revoke", "--abstain", *place)
    with pytest.raises(CommandError, match="Nobody lent you"):
        run("approve", str(request_.pk), "--for", "ab", *place)
    with pytest.raises(CommandError, match="within 14 days"):
        give(keys, live_server, "--days", "15")
    with pytest.raises(CommandError, match="a time in UTC"):
        give(keys, live_server, "--from", "soon")
    with pytest.raises(CommandError, match="No one delegation"):
        run("delegate", "end", "ab", *place)


def test_a_console_that_asks_for_another_delegation_gets_no_signature(request_, keys, live_server, monkeypatch):
    from approvals.signing import remote

    genuine = remote.Console.post

    def lie(self, path, body):
        if path.endswith("/statements/"):
            body = {**body, "delegation": Delegation.objects.get().sidecar_sha256}
        return genuine(self, path, body)

    give(keys, live_server)
    monkeypatch.setattr(remote.Console, "post", lie)
    with pytest.raises(CommandError, match="delegation differs"):
        run("approve", str(request_.pk), "--ssh-key", keys["cleo"], "--url", live_server.url)
    assert state_of(request_) == "PENDING"
