"""The stage AWAITING_APPROVAL at its edges; test_loop walks its ordinary ways."""

from agents.models import Remediation
from agents.services.advance import advance
from tests.agents.world import fire


def test_without_its_request_nothing_may_run(world, work):
    world.break_config()
    fire("payments")
    waiting = work()
    Remediation.objects.filter(pk=waiting.pk).update(request_id=None, due_at=None)

    advance(waiting.pk)

    ended = Remediation.objects.get(pk=waiting.pk)
    assert (ended.state, ended.reason) == ("FAILED", "could-not-act")
    assert world.config() == {"timeout_ms": 25}
