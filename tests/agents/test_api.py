"""Editing a plan over HTTP."""

import pytest

from approvals.models import ApprovalRequest
from tests.agents.world import fire
from tests.approvals.test_api import signed_in


@pytest.fixture
def url(world, work, cast):
    world.break_config()
    fire("payments")
    return f"/api/v1/approval-requests/{work().request_id}/revisions/"


def test_an_edited_window_comes_back_frozen_with_the_act_to_sign(cast, url):
    body = {"why": "By night.", "not_before": "2999-01-01T00:00:00Z"}
    too_late = signed_in(cast.ada.person).post(url, body, content_type="application/json")
    assert (too_late.status_code, "does not fit" in too_late.json()["detail"]) == (400, True)

    from datetime import timedelta

    from core import clock

    body["not_before"] = (clock.now() + timedelta(hours=3)).isoformat()
    headers = {"Idempotency-Key": "edit-1"}
    sent = [
        signed_in(cast.ada.person).post(url, body, content_type="application/json", headers=headers) for _ in range(2)
    ]

    assert [one.status_code for one in sent] == [201, 201]
    found = sent[0].json()
    assert found == sent[1].json()
    assert found["signature_needed"]
    assert found["act"]["subject"] == f"change:{found['change']}"
    assert found["request"] is None
    assert {one["path"] for one in found["differences"]} >= {"window", "proposer"}
    assert ApprovalRequest.objects.count() == 1


def test_versions_are_listed_and_strangers_get_nothing(cast, url):
    assert [one["version"] for one in signed_in(cast.ben.person).get(url).json()["results"]] == [1]
    assert signed_in(cast.mallory.person).get(url).status_code == 403
    assert signed_in(cast.cleo.person).post(url, {"why": "x"}, content_type="application/json").status_code == 403
