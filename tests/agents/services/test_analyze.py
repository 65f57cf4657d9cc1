"""How long a diagnosis waits for more: as long as there may be more, and no longer."""

from agents.models import Remediation
from connectors.models import Connection
from incidents.models import Incident
from tests.agents.world import fire


def test_where_nothing_can_be_read_a_person_is_called_at_once(world, work):
    Connection.objects.all().delete()
    incident = fire("checkout")

    ended = work(patience=False)

    assert (ended.state, ended.reason) == ("FAILED", "unknown-cause")
    assert Incident.objects.get(pk=incident.pk).called_at is not None


def test_a_service_that_nobody_told_us_how_to_read_keeps_nobody_waiting(world, work):
    fire("unheard-of")

    ended = work(patience=False)

    assert (ended.state, ended.reason) == ("FAILED", "unknown-cause")


def test_where_there_are_metrics_it_looks_again_before_it_says_that_it_does_not_know(world, work):
    fire("checkout")

    work(patience=False)

    waiting = Remediation.objects.get()
    assert waiting.state == "ANALYZING"
    assert "Waits for more readings" in waiting.doing
