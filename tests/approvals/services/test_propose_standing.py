"""Proposing a standing approval (H15): what reaches too far is not even asked about."""

from datetime import timedelta

import pytest

from approvals import standings
from approvals.models import StandingApproval
from approvals.services.propose import propose
from approvals.services.propose_standing import propose_standing
from core import clock
from core.actors import PLANNER
from core.errors import BadInputError, NotPermittedError, RefusedError
from proof.documents import parse_standing
from tests.approvals.plans import restart
from tests.approvals.services.test_standing import draft
from tests.approvals.services.test_standing import granted as granted  # noqa: PLC0414 -- the same standing approval
from tests.approvals.test_api import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "changes",
    [
        {"targets": ["lab/*"]},
        {"targets": []},
        {"targets": ["prod/checkout"]},
        {"targets": ["lab/supervisor"]},
        {"action": "rollback-config", "adapter": "git.revert", "params": []},
        {"action": "drop-table"},
        {"max_uses": 11},
        {"not_after": clock.now() + timedelta(days=40)},
        {"params": [{"name": "process", "min": 5, "max": 1}]},
    ],
)
def test_what_reaches_too_far_is_not_even_proposed(cast, changes):
    with pytest.raises(BadInputError):
        propose_standing(draft(**changes), actor=cast.ada.actor)
    assert not StandingApproval.objects.exists()


def test_a_secret_is_not_frozen_and_strangers_propose_nothing(cast):
    with pytest.raises(RefusedError):
        propose_standing(draft(params=[{"name": "api_key", "const": "password=correcthorse"}]), actor=cast.ada.actor)
    with pytest.raises(NotPermittedError):
        propose_standing(draft(), actor=cast.cleo.actor)


def test_the_document_names_each_target_and_says_who_asked(cast):
    row = propose_standing(draft(targets=["lab/gateway", "lab/checkout"], params=[]), actor=cast.ada.actor)

    document = parse_standing(standings.content_of(row))
    assert (document.targets, document.requested_by) == (("lab/checkout", "lab/gateway"), cast.ada.person.pk)


def test_what_asks_for_more_than_medium_never_runs_under_one(cast, granted):
    high = {
        "data": ("restricted", ""), "reversibility": ("none", ""), "blast": ("team", ""), "compliance": ("none", ""),
    }  # fmt: skip

    request = propose(restart(factors=high), actor=PLANNER)

    assert (request.change.tier, request.state) == ("HIGH", "PENDING")


def test_it_is_proposed_and_signed_over_the_api(cast):
    now = clock.now()
    body = {
        "intent": "Restart checkout when it hangs.",
        "environment": "lab",
        "action": "restart-service",
        "adapter": "supervisor.restart",
        "targets": ["lab/checkout"],
        "params": [{"name": "process", "const": "checkout"}],
        "max_uses": 2,
        "per_hour": 1,
        "not_before": now.isoformat(),
        "not_after": (now + timedelta(days=2)).isoformat(),
    }
    ada, ben = signed_in(cast.ada.person), signed_in(cast.ben.person)
    made = ada.post("/api/v1/standing-approvals/", body, content_type="application/json").json()
    url = f"/api/v1/standing-approvals/{made['uid']}/"
    wanted = {"decision": "approve", "key_id": cast.ben.key.key_id}
    template = ben.post(f"{url}statements/", wanted, content_type="application/json").json()
    sidecar = cast.ben.sign(template["statement"].encode()).decode()
    answer = ben.post(f"{url}decisions/", {"sidecar": sidecar}, content_type="application/json")

    assert (answer.status_code, answer.json()["standing"]["state"]) == (201, "GRANTED")
    assert template["ssh_namespace"] == "countersign-decision-v1"
    assert [one["name"] for one in ben.get("/api/v1/standing-approvals/?state=GRANTED").json()["results"]] == [
        made["name"]
    ]
    wrong = {**body, "params": [{"name": "process"}]}
    assert ada.post("/api/v1/standing-approvals/", wrong, content_type="application/json").status_code == 400
