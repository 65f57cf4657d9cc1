"""Every verb that the product writes into the ledger is said in words."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from console import sentences

PACKAGES = ("agents", "approvals", "audit", "connectors", "incidents", "people")
VERB = re.compile(r'verb="([a-z-]+\.[a-z_]+)"|record(?:_move)?\([a-z_]+, "([a-z-]+\.[a-z_]+)"')


def written():
    found = set()
    for package in PACKAGES:
        for path in (Path(settings.BASE_DIR) / package).rglob("*.py"):
            found |= {one or other for one, other in VERB.findall(path.read_text(encoding="utf-8"))}
    return found


def test_no_verb_is_without_words():
    assert len(written()) > 30
    assert written() - set(sentences.SENTENCES) == set()


def test_a_sentence_is_never_empty_whatever_the_facts_lack():
    for verb in sentences.SENTENCES:
        assert sentences.say(verb, {}), verb
        assert sentences.say(verb, {"needed": None, "title": "", "deliveries": None}), verb


def test_a_verb_that_nobody_foresaw_is_still_readable():
    assert sentences.say("standing-approval.used_up", {}) == "Standing-approval used up"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"title": "5xx"}, "Received the alert: 5xx"),
        (
            {"title": "5xx", "why": "checkout → payments"},
            "Received the alert: 5xx. It belongs here: checkout → payments",
        ),
        ({}, "Received the alert"),
    ],
)
def test_an_alert_says_why_it_belongs_to_an_incident_that_was_there(facts, said):
    assert sentences.say("alert.fired", facts) == said


def test_a_webhook_that_is_paused_is_named_and_why_is_said():
    told = sentences.say("webhook.paused", {"why": "It answered 410."}, "webhook:chat")

    assert told == "Paused the webhook chat: It answered 410."


def test_an_incident_that_got_worse_says_from_what_to_what_after_whoever_heard_it():
    facts = {"was": "S3", "severity": "S1", "title": "Latency"}

    assert sentences.say("incident.worsened", facts) == "Heard that the incident got worse, S3 to S1: Latency"
