"""Two CEL implementations agree on the shipped rules, and what is not a clean yes or no is an error."""

import re

import celpy
import pytest
from celpy.adapter import json_to_cel
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.policy import LIBRARY, ExpressionError
from approvals.policy.snapshot import NAMES, as_facts
from core.expressions import compile_condition
from tests.approvals.policy.snapshots import CALM, snapshot

# Made once, before any property runs: making one raises the interpreter's recursion limit, which hypothesis watches.
ORACLE = celpy.Environment()

facts = st.fixed_dictionaries(
    {
        "tier": st.sampled_from(["LOW", "MEDIUM", "HIGH", "CRITICAL"]),
        "score": st.integers(0, 20),
        "tainted": st.booleans(),
        "recent": st.integers(0, 30),
        "recent_on_target": st.integers(0, 10),
        "hour": st.integers(0, 23),
        "confidence": st.integers(0, 100).map(lambda percent: f"{percent / 100:.2f}"),
        "target": st.text(max_size=12),
    }
)


@given(changes=facts)
@settings(max_examples=60, deadline=None)
def test_the_oracle_gives_the_same_answers_on_the_shipped_rules(lab, default, changes):
    seen = as_facts(snapshot(**changes))
    for rule in (*lab, *default):
        oracle = ORACLE.program(ORACLE.compile(rule.when.source)).evaluate(json_to_cel(seen))
        assert rule.when.holds(seen) == bool(oracle), rule.name


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ('target.startsWith("lab/")', True),
        ('targets.exists(t, t == "lab/checkout")', True),
        ('targets.all(t, t.endsWith("payments"))', False),
        ("confidence > 0.9 && hour in [2, 3, 4]", True),
        ('environment == "lab" ? score < 3 : true', False),
    ],
)
def test_conditions_of_all_shapes_are_answered_as_the_oracle_does(source, answer):
    oracle = ORACLE.program(ORACLE.compile(source)).evaluate(json_to_cel(as_facts(CALM)))

    assert compile_condition(source).holds(as_facts(CALM)) is answer
    assert bool(oracle) is answer


@pytest.mark.parametrize("source", ["", "(((", "tier ==", "true " * 1_000])
def test_what_is_not_an_expression_is_refused(source):
    with pytest.raises(ExpressionError):
        compile_condition(source)


@pytest.mark.parametrize("source", ["score", "tier", "null", "score / 0 == 1", "tier > 3", "unheard(score)"])
def test_what_is_not_answered_by_yes_or_no_is_an_error(source):
    with pytest.raises(ExpressionError):
        compile_condition(source).holds(as_facts(CALM))


def test_every_name_of_a_snapshot_is_there_in_the_tests():
    assert set(CALM) == NAMES


def test_the_library_is_named_with_its_version():
    assert re.fullmatch(r"common-expression-language \d+\.\d+\.\d+", LIBRARY)


def test_a_missing_fact_is_an_error_even_where_the_answer_would_not_depend_on_it():
    with pytest.raises(ExpressionError, match="no 'hour'"):
        compile_condition("true || hour == 3").holds({"tier": "LOW"})
