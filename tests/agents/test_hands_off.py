"""A change freeze, and people at work on a service, keep agents from acting: the plan goes to a person."""

from datetime import timedelta

import pytest

from audit.models import Entry
from core import clock
from core.actors import SYSTEM
from incidents.models import Incident
from incidents.services.end_window import end_window
from incidents.services.open_window import WindowPlan, open_window
from tests.agents.execution.brink import carry_on, on_the_brink
from tests.agents.world import fire


def keep_off(kind="freeze", **more):
    given = {"services": ("checkout",), **more}
    until = clock.now() + timedelta(hours=1)
    return open_window(WindowPlan(kind=kind, why="Black Friday.", until=until, **given), actor=SYSTEM)


@pytest.mark.parametrize(("kind", "said"), [("freeze", "Changes are frozen"), ("maintenance", "People work on it")])
def test_the_safeguards_refuse_a_plan_and_a_person_is_called(world, work, kind, said):
    world.leak()
    incident = fire("checkout")
    keep_off(kind)

    ended = work()

    assert (ended.state, ended.reason) == ("FAILED", "could-not-act")
    assert f"{said} on lab/checkout" in ended.note
    assert "A person must decide." in ended.note
    assert Entry.objects.get(verb="guardrail.refused").actor == "agent:safeguard"
    assert Incident.objects.get(pk=incident.pk).called_at is not None
    assert world.restarts == []


def test_what_policy_allowed_alone_before_the_freeze_waits_for_its_end(world, cast):
    remediation = on_the_brink()
    window = keep_off()

    assert carry_on(remediation, rounds=3).state == "EXECUTING"
    assert world.restarts == []
    end_window(window.pk, actor=SYSTEM)
    remediation.__class__.objects.update(due_at=clock.now())
    assert carry_on(remediation).state == "VALIDATING"


def test_what_a_person_signed_is_theirs_to_run_in_a_freeze(world, cast):
    keep_off()

    assert carry_on(on_the_brink(signer=cast.ben)).state == "VALIDATING"
