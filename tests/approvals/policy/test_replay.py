"""A stored decision can be asked again."""

import json

from approvals.policy import LIBRARY, rule_on
from approvals.policy.replay import outcome, replay, stored
from tests.approvals.policy.conftest import POLICIES
from tests.approvals.policy.snapshots import snapshot


def rules_text() -> str:
    text = (POLICIES / "lab.yaml").read_text()
    return text[text.index("rules:") + len("rules:") : text.index("# The floors")]


def test_the_same_inputs_give_the_same_answer_again(lab):
    ruling = rule_on(snapshot(confidence="0.66"), lab)

    record = json.loads(json.dumps(stored(snapshot(confidence="0.66"), ruling, rules_text(), {"version": 3})))

    assert replay(record) == outcome(record) == ruling
    assert record["library"] == LIBRARY


def test_other_inputs_show_as_another_answer(lab):
    record = stored(snapshot(), rule_on(snapshot(), lab), rules_text(), {"version": 3})

    record["snapshot"]["tainted"] = True

    assert replay(record) != outcome(record)
