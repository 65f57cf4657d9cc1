"""A root that is founded anew: nothing runs on it until somebody at the executor's host has pinned it by hand (H18)."""

import pytest

from agents.execution import pins, standing_orders
from approvals import registry
from approvals.services.refound import refound
from audit.services.sequence import sequence_all
from core.actors import SYSTEM
from core.errors import NotFoundError
from tests.agents.execution.brink import carry_on, on_the_brink


@pytest.fixture
def seen(world, cast):
    """The executor has run something, so that it knows the first root."""
    assert carry_on(on_the_brink(signer=cast.ben)).state == "VALIDATING"
    return pins.pins()


def test_what_was_signed_before_and_after_a_new_root_runs_only_once_it_is_pinned(world, cast, seen):
    refound(actor=SYSTEM)
    sequence_all()
    after = on_the_brink(signer=cast.ben)

    refused = carry_on(after)

    assert (refused.state, world.restarts) == ("FAILED", ["checkout"])
    assert pins.pins().root_public == seen.root_public
    standing_orders.pin_by_hand(root_key_id=registry.current().root_key_id)
    assert pins.pins().root_public != seen.root_public
    assert carry_on(on_the_brink(signer=cast.ben)).state == "VALIDATING"
    assert world.restarts == ["checkout", "checkout"]


def test_a_root_that_the_log_does_not_hold_cannot_be_pinned(world, cast, seen):
    with pytest.raises(NotFoundError):
        standing_orders.pin_by_hand(root_key_id="ab" * 32)

    assert pins.pins() == seen
