"""What a refusal looks like, whatever was tried."""

import json

from agents.models import Remediation, StepRun
from audit.models import Entry
from core import clock
from incidents.models import Incident


def assert_refused(world, ended, why):
    assert (ended.state, ended.reason) == ("FAILED", "could-not-act"), ended.note
    assert why in ended.note
    assert world.config() == {"timeout_ms": 25}
    assert not StepRun.objects.filter(direction="act").exclude(result={}).exists()
    refused = Entry.objects.get(verb="run.refused")
    assert why in json.loads(bytes(refused.facts))["why"]
    assert Incident.objects.get(pk=ended.incident_id).called_at is not None


def force(remediation, **columns):
    Remediation.objects.filter(pk=remediation.pk).update(due_at=clock.now(), **columns)
