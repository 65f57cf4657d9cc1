"""The FSM graph, exactly, and its drawing."""

import re
from pathlib import Path

from agents.models import Remediation
from incidents.models import Incident

DRAWING = (Path(__file__).resolve().parents[2] / "docs" / "states.md").read_text(encoding="utf-8")
WORKING = ("INITIATED", "ANALYZING", "PLANNING", "AWAITING_APPROVAL", "EXECUTING", "VALIDATING")
EXPECTED = {
    ("INITIATED", "analyze", "ANALYZING"),
    ("ANALYZING", "plan", "PLANNING"),
    ("AWAITING_APPROVAL", "plan", "PLANNING"),
    ("PLANNING", "ask", "AWAITING_APPROVAL"),
    ("AWAITING_APPROVAL", "execute", "EXECUTING"),
    ("EXECUTING", "validate", "VALIDATING"),
    ("VALIDATING", "complete", "COMPLETED"),
    ("EXECUTING", "roll_back", "ROLLED_BACK"),
    ("VALIDATING", "roll_back", "ROLLED_BACK"),
    *((state, "fail", "FAILED") for state in WORKING),
}


def graph_of(model):
    return {(str(m.source), m.name, str(m.target)) for m in model._meta.get_field("state").get_all_transitions(model)}


def drawn(heading):
    part = DRAWING.split(f"## {heading}")[1].split("```")[1]
    return {(a, move, b) for a, b, move in re.findall(r"([A-Z_]+) --> ([A-Z_]+): (\w+)", part)}


def test_the_graph_is_exactly_the_documented_one():
    assert graph_of(Remediation) == EXPECTED


def test_both_drawings_show_their_graph():
    assert drawn("Remediation") == EXPECTED
    assert drawn("Incident") == graph_of(Incident)
