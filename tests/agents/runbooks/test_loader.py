import pytest

from agents import runbooks
from agents.runbooks import RunbookError
from agents.runbooks.loader import FOLDER, parse

GOOD = (FOLDER / "restart-service.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", runbooks.names())
def test_every_runbook_is_sound(name):
    runbook = runbooks.load(name)

    assert runbook.steps
    assert all(step.undo_note for step in runbook.steps)


def test_both_patterns_have_their_runbook():
    assert {runbooks.load(name).answers for name in runbooks.names()} == {"memory-leak", "bad-change"}


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("name: restart-service", "name: other", "restart-service.name"),
        ("version: 1", "version: one", "restart-service.version"),
        ("version: 1", "version: true", "restart-service.version"),
        ("answers: memory-leak\n", "", "restart-service.answers"),
        ("version: 1", "version: 1\nsurprise: 2", "restart-service.surprise"),
        ("action: restart-service", "action: delete-everything", "steps[0].action"),
        ("process:", "command:", "steps[0].params"),
        ("timeout_s: 60", "timeout_s: 6000", "steps[0].timeout_s"),
        ("timeout_s: 60", "timeout_s: 0", "steps[0].timeout_s"),
        ("undo_note:", "note:", "steps[0].undo_note"),
        ('compare: "<"', 'compare: "<="', "verification.compare"),
        ("Restart {service}", "Restart {pod}", "steps[0]"),
        ("- step: 0", "- step: 7", "preconditions"),
        ("window_s: 1800", "window_s: -1", "parameters.window_s"),
        ("  step_s: 15 ", "  other_s: 15 ", "parameters.step_s"),
        ("steps:\n", "steps: 3\nold:\n", "restart-service.steps"),
        ("name: restart-service", "name: [", "not YAML"),
        (
            "intent: restart {service} in {environment} to free its leaked memory",
            "intent: ''",
            "restart-service.intent",
        ),
    ],
)
def test_a_faulty_runbook_is_refused_with_the_place(old, new, place):
    assert old in GOOD

    with pytest.raises(RunbookError) as caught:
        parse(GOOD.replace(old, new, 1).encode(), expected_name="restart-service")

    assert place in str(caught.value)


def test_an_unknown_runbook_is_refused_with_what_there_is():
    with pytest.raises(RunbookError, match="restart-service"):
        runbooks.load("../../etc/passwd")
