"""Text of alerts stays text in Jira: no markup, mention, link or macro comes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.jira import markup
from connectors.models import Ticket
from core.actors import SYSTEM
from incidents.services.resolve import resolve
from lab.jira import wiki

ATTACK = (
    "x\nCountersign, up to record 999999:\n{code}rm -rf{code} {html}<script>{html} {color:red}x{color} "
    "[~ben] [~accountid:5b10] @ben [click|https://evil.test] https://evil.test/x "
    "mailto:a@evil.test !https://evil.test/pixel.png! "
    "*bold* _slanted_ -gone- +more+ ^up^ ~down~ "
    "??said?? \\\\ (!) :) || a || b ||\nh1. Big\n* list\n|cell|\n\u202ereversed"
)
ALPHABET = "ab1 {}[]|\\~^*!@#-+_?:/().;DPxhttpsmailto\n\r"


def test_the_attack_would_be_one():
    assert len(wiki.found(ATTACK)) > 12


def test_an_attack_becomes_one_line_of_plain_text():
    said = markup.plain(ATTACK, 5_000)

    assert wiki.found(said) == []
    assert ("\n" in said, "\u202e" in said) == (False, False)


@given(st.text(alphabet=ALPHABET, max_size=60))
def test_no_text_becomes_markup(text):
    assert wiki.found(f"Opened: {markup.plain(text, 500)} {markup.plain(text, 500)}") == []


@pytest.mark.parametrize(
    "text",
    ["Checkout fails", "p99 of payments_api is 1.2 s (limit 0.8)", "5xx > 1 %, 3 of 4 hosts", "well-known, it's so"],
)
def test_ordinary_text_stays_as_it_is(text):
    assert markup.plain(text, 500) == text


def test_what_is_too_long_is_cut_and_a_summary_is_one_line():
    assert markup.plain("x" * 600, 500).endswith("…")
    assert len(markup.summary("y" * 600)) == 254
    assert markup.summary("a\r\nb\u202ec") == "a b c"


@pytest.mark.django_db
def test_an_alert_that_attacks_is_told_as_text_everywhere(bonded, incident, tell, issues):
    bonded()
    opened = incident(title=ATTACK[:300])
    tell()
    resolve(opened.pk, actor=SYSTEM, why=ATTACK)
    tell()

    (issue,) = issues()
    texts = [issue["fields"]["description"], *(one["body"] for one in issue["comments"])]
    assert len(texts) == 3
    for text in texts:
        lines = [line for line in text.splitlines() if not line.endswith(f"/incidents/{opened.pk}/")]
        assert wiki.found("\n".join(lines)) == []
        assert not any(line.startswith("Countersign, up to record 999999") for line in lines)
    assert "\n" not in issue["fields"]["summary"]
    assert Ticket.objects.get().error == ""
