import pytest

from proof import canonical
from proof.documents import DocumentError, parse_change
from proof.render import machine, render, sentence
from proof.words import six_words
from tests.proof.factory import change, change_value, step

PINNED = "d57be5d0e49b94cb19b5d9090c852dd8f68ddfc2a7a9443619222feffdab5cc5"
HIDDEN = ["\u200b", "\u202e", "\u2066", "\ufeff", "\u00ad", "\x1b", "\x07", "\n", "\r", "\u2028", "\U000e0041", "\x00"]


def values(value):
    """Every text and number in a document."""
    if isinstance(value, dict):
        return [item for member in value.values() for item in values(member)]
    if isinstance(value, list):
        return [item for member in value for item in values(member)]
    return [str(value)]


def test_all_that_is_signed_is_shown():
    value = change_value(
        steps=[step(), step(index=1, undo=None, undo_note="Nothing to take back.")],
        interested_persons=["dan"],
        prior_denials=["99" * 32],
    )
    text = render(canonical.dumps(value))
    not_shown = {"urn:countersign:change:v1", "1"}

    for item in values(value):
        for line in item.splitlines():
            assert line in text or item in not_shown, item


def test_it_is_the_same_every_time_and_names_the_digest():
    data = change()
    digest = canonical.sha256(data)

    assert render(data) == render(data)
    assert f"sha256: {digest}" in render(data)
    assert " ".join(six_words(digest)) in render(data)


def test_the_text_is_pinned():
    digest = canonical.sha256(render(change()).encode())

    assert digest == PINNED, "RENDER_VERSION must rise when the text changes, and the old text stay available"


@pytest.mark.parametrize("sign", HIDDEN)
def test_what_hides_or_moves_signs_is_spelled_out_everywhere(sign):
    data = change(
        intent=f"Roll{sign}back.",
        hypothesis=f"It{sign}broke.",
        steps=[step(target=f"lab/a{sign}b", command=f"git{sign}revert", title=f"Take{sign}back")],
        diffs=[{"path": f"a{sign}", "text": f"+x{sign}y"}],
    )

    text = render(data)

    assert sign == "\n" or sign not in text
    assert f"Roll\\u{{{ord(sign):x}}}back." in text
    assert f"lab/a\\u{{{ord(sign):x}}}b" in text


def test_a_sentence_cannot_pretend_to_be_another_line():
    text = render(change(intent="Fine.\n\nRISK\n  LOW, score 0"))

    assert text.count("\nRISK\n") == 1


def test_an_escape_cannot_be_counterfeited():
    assert machine("\\u{41}") == "\\u{5c}u{41}"
    assert machine("\\n \\\\u{41}") == "\\n \\\\u{5c}u{41}"
    assert sentence("\\u{202e}") == "\\u{5c}u{202e}"
    assert machine("\u202e") != machine("\\u{202e}")


def test_names_in_other_alphabets_are_spelled_out_where_a_machine_reads_them_but_not_in_sentences():
    assert machine("p\u0430yments") == "p\\u{430}yments"
    assert sentence("Größe – 構成 «да» 10 ≥ 5") == "Größe – 構成 «да» 10 ≥ 5"


def test_nothing_is_cut_short():
    assert "x" * 20_000 in render(change(diffs=[{"path": "a", "text": "x" * 20_000}]))


def test_lines_of_a_difference_are_marked_as_such():
    text = render(change(diffs=[{"path": "a.yaml", "text": "-a\n+b\n\nRISK"}]))

    assert "    | -a\n    | +b\n    | \n    | RISK\n" in text


@pytest.mark.parametrize(
    "changes",
    [
        {"steps": [step(index=1)]},
        {"steps": [step(target="production/payments")]},
        {"steps": [step(params=[{"name": "a", "value": "1"}, {"name": "a", "value": "2"}])]},
        {"steps": [step(params=[{"name": "a", "value": 1}])]},
        {"steps": [step(undo={})]},
        {"steps": [step(more=1)]},
        {"audience": "executor:production"},
        {"max_uses": 2},
        {"confidence": "high"},
        {"nonce": "66"},
        {"created_at": "2026-03-01T12:00:00Z"},
        {"created_at": "2026-02-30T12:00:00.000000Z"},
        {"version": True},
        {"proposer": {"kind": "nobody", "id": "x"}},
        {"diffs": {}},
        {"unaffected": [1]},
        {"runbook": {"name": "x", "version": None, "sha256": "44" * 32}},
        {"runbook": []},
    ],
)
def test_changes_of_another_form_are_refused(changes):
    with pytest.raises(DocumentError):
        parse_change(change(**changes))


def test_a_change_needs_a_step():
    with pytest.raises(DocumentError):
        parse_change(canonical.dumps({**change_value(), "steps": []}))
