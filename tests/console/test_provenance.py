"""The chain of one action, from the first signal to the outcome, told from the records alone."""

import pytest

from audit.models import Leaf
from audit.services.sequence import sequence_all
from console.selectors import provenance
from core.actors import EXECUTOR, MONITOR, TRIAGE
from tests.console import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(cast, lab):
    made = world.incident()
    for number in range(3):
        world.say(TRIAGE, "alert.fired", f"alert:{number}", about=made.subject, title="5xx")
    found = world.remediation(made, "VALIDATING")
    world.diagnosed(found, made)
    request = world.asked(found, made, needed=2, state="GRANTED")
    world.signed(request, cast["ben"])
    world.signed(request, cast["cleo"])
    world.say(EXECUTOR, "run.intended", found.subject, about=made.subject)
    world.ran(found, made, done=True)
    world.say(MONITOR, "verification.read", found.subject, about=made.subject)
    world.say(MONITOR, "remediation.completed", found.subject, about=made.subject)
    sequence_all()
    return made


def seq_of(verb):
    return Leaf.objects.filter(entry__verb=verb).order_by("seq").values_list("seq", flat=True).first()


def test_the_chain_goes_from_the_signal_to_the_outcome(story):
    chain = provenance.of(seq_of("step.finished"), [story.subject])
    titles = [stage.title for stage in chain]
    wanted = ["Incident", "Signal", "Diagnosis", "Plan", "Decision", "2 signatures", "Intent", "Execution"]
    assert sorted(titles[:8]) == sorted(wanted)
    assert titles[8:] == ["Verification", "Outcome"]
    assert [stage.title for stage in chain if stage.by_people] == ["2 signatures"]
    assert [stage.title for stage in chain if stage.here] == ["Execution"]
    assert next(stage.text for stage in chain if stage.title == "Signal") == "3 alerts"
    assert chain[-1].text == "recovered"


def test_a_record_about_no_incident_has_no_chain(story):
    assert provenance.of(0, ["person:1"]) == ()


def test_the_page_shows_the_chain_with_its_records(as_, story):
    page = as_("dan").get(f"/audit/?record={seq_of('run.intended')}").content.decode()
    assert "came about" in page
    assert "2 people, 1 change" in page
    assert f'record={seq_of("decision.recorded")}"' in page
