"""A policy that wants witnesses: nothing runs on a log that they have not signed, whatever rows say (T4)."""

import pytest

from approvals import bundles, registry
from approvals.models import ApprovalRequest
from approvals.services.activate_policy import activate_policy
from approvals.services.change_registry import list_witnesses
from audit.models import Cosignature
from audit.services.cosign import cosign
from audit.services.sequence import sequence_all
from core.actors import SYSTEM
from core.errors import BadInputError
from tests.agents.execution.brink import carry_on, on_the_brink
from tests.audit.services.test_cosign import ask
from tests.audit.services.test_export import log_keys
from tests.audit.witness.logs import Program

WANTED = "witnesses:\n  - {tier: MEDIUM, k: 1}\nlimits:\n"


@pytest.fixture
def wary(world, tmp_path):
    """A policy that wants one witness for what is of medium risk."""
    policy = tmp_path / "wary.yaml"
    policy.write_text(bundles.SHIPPED.joinpath("lab.yaml").read_text().replace("limits:\n", WANTED))
    activate_policy(policy, actor=SYSTEM)
    sequence_all()


@pytest.fixture
def witness(wary, tmp_path, settings):
    """A witness that the registry names; it was told of the log by its own operator."""
    with Program(tmp_path / "w", *log_keys()) as program:
        ask(settings, program)
        list_witnesses(1, actor=SYSTEM)
        sequence_all()
        yield program


def test_it_waits_for_the_witness_and_runs_once_it_has_signed_the_intent(world, cast, witness):
    remediation = on_the_brink(signer=cast.ben)
    sequence_all()
    cosign()

    waiting = carry_on(remediation, rounds=3)
    assert (waiting.state, world.restarts) == ("EXECUTING", [])
    assert "1 witnesses must have signed" in waiting.doing
    cosign()

    assert carry_on(waiting).state == "VALIDATING"
    assert world.restarts == ["checkout"]


def test_without_the_witness_it_is_refused_after_a_minute(world, cast, witness, shifted):
    remediation = on_the_brink(signer=cast.ben)
    sequence_all()
    cosign()
    waiting = carry_on(remediation, rounds=3)
    witness.stop()
    shifted(61)

    refused = carry_on(waiting)

    assert (refused.state, world.restarts) == ("FAILED", [])
    assert "They did not within 60 s" in refused.note


def test_a_witness_that_only_a_row_or_the_setting_names_counts_for_nothing(world, cast, wary, tmp_path, settings):
    with Program(tmp_path / "forged", *log_keys(), name="witness.example/forged") as program:
        ask(settings, program)
        remediation = on_the_brink(signer=cast.ben)
        sequence_all()
        cosign()
        assert Cosignature.objects.exists()

        waiting = carry_on(remediation, rounds=3)

    assert (waiting.state, world.restarts) == ("EXECUTING", [])
    assert "0 have" in waiting.doing
    assert ApprovalRequest.objects.get(pk=waiting.request_id).state == "GRANTED"


def test_the_registry_names_witnesses_by_a_draft_and_never_more_than_there_are(cast, witness):
    assert {text.partition("+")[0] for text in registry.current().witness_keys} == {"witness.example/w1"}
    with pytest.raises(BadInputError, match="names 1"):
        list_witnesses(2, actor=SYSTEM)
