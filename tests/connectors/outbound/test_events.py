"""Records as CloudEvents."""

import json
import re
from pathlib import Path

import pytest

from connectors.outbound.events import MOST_BYTES, NOUNS, PERSONAL, Happened, cloud_event, patterns_of
from core.errors import BadInputError

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("audit", "people", "incidents", "approvals", "connectors", "agents", "console")


def event(**fields):
    given = {
        "uid": "ab" * 16, "seq": 7, "at": "2026-03-01T12:00:00.000000Z", "verb": "incident.opened",
        "subject": "incident:42", "actor": "agent:triage", "about": ("incident:42",), "facts": {"title": "x"},
        "leaf_hash": "00" * 32, **fields,
    }  # fmt: skip
    body = cloud_event(Happened(**given), installation="cd" * 16, console="https://console.example")
    return json.loads(body), body


def test_a_record_is_a_cloud_event():
    told, _ = event()

    assert told == {
        "specversion": "1.0",
        "id": "ab" * 16,
        "source": "urn:countersign:" + "cd" * 16,
        "type": "countersign.incident.opened",
        "subject": "incident:42",
        "time": "2026-03-01T12:00:00.000000Z",
        "sequence": "00000000000000000007",
        "datacontenttype": "application/json",
        "data": {
            "actor": "agent:triage",
            "about": ["incident:42"],
            "facts": {"title": "x"},
            "record": {"seq": 7, "leaf_hash": "00" * 32, "url": "https://console.example/audit/records/7/"},
        },
    }


def test_attributes_are_named_as_the_specification_wants():
    assert all(re.fullmatch("[a-z0-9]{1,20}", name) for name in event()[0])


@pytest.mark.parametrize("noun", sorted(PERSONAL))
def test_facts_about_people_stay_here(noun):
    told, body = event(verb=f"{noun}.added", facts={"name": "Ada Lovelace"})

    assert told["data"]["facts"] == {}
    assert b"Ada" not in body


def test_what_is_too_large_goes_without_its_facts_and_says_so():
    told, body = event(facts={"text": "x" * MOST_BYTES})
    assert len(body) <= MOST_BYTES
    assert told["data"]["facts"] == {}
    assert "too large" in told["data"]["note"]

    told, body = event(about=tuple(f"alert:{number:0>100}" for number in range(2_000)))
    assert len(body) <= MOST_BYTES
    assert told["data"]["about"] == ["incident:42"]


def test_text_from_outside_stays_data():
    nasty = 'x"}\r\nX-Evil: 1\r\n\u202e<script>\u2028'
    told, body = event(facts={"title": nasty})

    assert told["data"]["facts"]["title"] == nasty
    assert body.isascii()
    assert b"\r" not in body
    assert b"\n" not in body


def test_every_noun_of_the_ledger_can_be_asked_for():
    told = re.compile(r'verb=(?:f?"([a-z-]+)\.|.{0,40}? if .{0,60}? else "([a-z-]+)\.)')
    found = {
        first or second
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for first, second in told.findall(path.read_text(encoding="utf-8"))
    }

    assert found - set(NOUNS) == set()
    assert len(found) > 30


def test_every_verb_that_is_shown_in_words_can_be_asked_for():
    from console.sentences import SENTENCES

    assert {verb.partition(".")[0] for verb in SENTENCES} <= set(NOUNS)


@pytest.mark.parametrize(
    ("words", "patterns"),
    [
        (["incident.*"], ["incident.*"]),
        (["countersign.alert.fired", "alert.fired"], ["alert.fired"]),
        (["alert.*", "*"], ["*"]),
        ([" run.intended ", "incident.taken_over"], ["incident.taken_over", "run.intended"]),
    ],
)
def test_patterns_are_read(words, patterns):
    assert patterns_of(words) == patterns


@pytest.mark.parametrize(
    "words", [[], [""], ["incidents.*"], ["incident"], ["*.opened"], ["incident.*\r\nx"], ["a" * 100], ["%.x"],
              ["incident.opened'; DROP TABLE x"], [f"alert.x{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(60)]]
)  # fmt: skip
def test_what_is_no_pattern_is_refused(words):
    with pytest.raises(BadInputError):
        patterns_of(words)
