"""How a run ends is signed by the executor and stands in the log; what was done without a decision raises an alarm."""

import json

from django.db import transaction

from agents.models import Remediation, Run
from agents.services.follow import follow
from agents.services.raise_alarm import raise_alarm
from agents.services.require_approved import ACTED
from approvals import registry
from audit import ledger
from audit.models import Entry
from audit.services.sequence import sequence_all
from core.actors import EXECUTOR
from proof.documents import parse_entry
from proof.documents.run import INTENT_PAYLOAD, RESULT_PAYLOAD, parse_intent, parse_result
from proof.executor import verify_executor
from tests.agents.execution.conftest import granted as granted  # noqa: PLC0414 -- the same brink
from tests.agents.world import fire


def signed(verb, name, payload_type):
    """The documents of that name in the entries of that verb, their signatures checked."""
    entries = Entry.objects.filter(verb=verb).order_by("pk")
    named = [dict(parse_entry(bytes(entry.body)).documents)[name] for entry in entries]
    return [verify_executor(ledger.fetch(digest), registry.current(), payload_type) for digest in named]


def alarms():
    return [entry.subject for entry in Entry.objects.filter(verb="alarm.raised").order_by("pk")]


def test_intent_and_result_are_signed_by_the_executor_and_name_each_other(granted, work):
    assert work().state == "COMPLETED"

    intent = parse_intent(signed("run.intended", "intent", INTENT_PAYLOAD)[0])
    result = parse_result(signed("executor.result", "result", RESULT_PAYLOAD)[0])
    assert (intent.change, result.change) == (granted.change_digest, granted.change_digest)
    assert intent.run == result.run == f"run:{Run.objects.get().pk}"
    assert intent.size > 0
    assert (result.outcome, [step.direction for step in result.steps]) == ("done", ["act"])
    assert result.watching_since
    named = dict(parse_entry(bytes(Entry.objects.get(verb="run.intended").body)).documents)
    assert result.intent == named["intent"]


def test_a_run_that_is_taken_back_has_a_second_result_that_says_so(world, work):
    world.leak(curable=False)
    fire("checkout")

    assert work().state == "ROLLED_BACK"

    results = [parse_result(data) for data in signed("executor.result", "result", RESULT_PAYLOAD)]
    assert [result.outcome for result in results] == ["done", "taken-back"]


def test_a_refusal_is_signed_too(granted, world, work, shifted):
    shifted(9 * 3600)

    assert work().state == "FAILED"

    assert [parse_result(data).outcome for data in signed("executor.result", "result", RESULT_PAYLOAD)] == ["refused"]


def test_an_honest_run_raises_no_alarm(granted, work):
    work()

    assert alarms() == []


def test_an_act_without_a_decision_before_it_raises_an_alarm_once(granted):
    """Somebody with a worker's rights acts by hand and writes, or leaves, the record of a step."""
    digest = ledger.keep("application/json", b'{"a":1}')
    for verb in sorted(ACTED):
        with transaction.atomic():
            ledger.append(
                actor=EXECUTOR,
                verb=verb,
                subject=f"remediation:{granted.pk}",
                about=[f"change:{digest}"],
                facts={"outcome": "done"},
            )
    sequence_all()
    follow()

    assert alarms() == ["alarm:orphan"]
    told = json.loads(bytes(Entry.objects.get(verb="alarm.raised").facts))
    assert "no decision stands before it" in told["sentence"]
    assert Remediation.objects.get().state == "EXECUTING"


def test_the_same_alarm_is_raised_once_an_hour(db, shifted):
    assert raise_alarm("allowance", "Often enough.")
    assert not raise_alarm("allowance", "Often enough.")
    shifted(3601)
    assert raise_alarm("allowance", "Often enough.")
