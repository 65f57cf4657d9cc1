"""What every source keeps to, whatever its vendor: one row in the registry, one run through all of this."""

import json
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.base import Actuator, AlertSource, ChangeReader, LogReader, MetricReader, Outcome, Parsed, RawDelivery
from connectors.git import Changes, Revert
from connectors.intake import envelopes
from connectors.prometheus import Prometheus
from connectors.registry import ACTUATORS, ALERT_SOURCES, ALIASES, READERS
from connectors.supervisor import Supervisor
from incidents.events import Status

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
PAYLOADS = Path(__file__).parent / "payloads"
OTHERS = {".eml": envelopes.MESSAGE, ".multipart": envelopes.PARTS}
THINNED, KEPT = 40, 0.65
SOURCES = pytest.mark.parametrize("source", ALERT_SOURCES.values(), ids=ALERT_SOURCES.keys())


def bodies(source):
    formats = [source.slug, *(name for name, slug in ALIASES.items() if slug == source.slug)]
    files = sorted(path for name in formats for path in (PAYLOADS / name).glob("*.json"))
    others = sorted(path for name in formats for path in (PAYLOADS / name).glob("*") if path.suffix in OTHERS)
    return [json.loads(path.read_text()) for path in files if not path.name.endswith(".expected.json")] + [
        envelopes.opened(path.read_bytes(), OTHERS[path.suffix])[0] for path in others
    ]


def parse(source, value):
    return source.parse(RawDelivery(uid="d", source="s", received_at=NOW, value=value))


@SOURCES
def test_a_source_has_payloads_and_a_page(source):
    assert isinstance(source, AlertSource)
    assert bodies(source)
    assert (ROOT / "docs" / "howto" / f"connect-{source.slug}.md").exists()


@SOURCES
def test_the_same_body_gives_the_same_events(source):
    for value in bodies(source):
        assert parse(source, value) == parse(source, value)


@SOURCES
def test_events_keep_to_their_limits(source):
    for value in bodies(source):
        for event in parse(source, value).events:
            assert event.status in Status
            assert 0 < len(event.title) <= 300
            assert len(event.description) <= 10_000
            assert event.fingerprint.startswith("v1:")
            assert event.severity_source in {"payload", "map", "default"}
            assert all(link.url.startswith(("http://", "https://")) for link in event.links)
            json.dumps(event.as_json())


@SOURCES
@pytest.mark.parametrize("value", [{}, [], [1], {"a": None}, {"alerts": [[]]}, {"": {"": [{}]}}])
def test_strangers_bodies_are_answered_and_never_raise(source, value):
    parsed = parse(source, value)

    assert isinstance(parsed, Parsed)
    assert parsed.outcome in {Outcome.REJECT, Outcome.IGNORED}
    assert parsed.warnings


@SOURCES
def test_every_part_cut_out_of_a_body_is_survived(source):
    for value in bodies(source):
        for cut in cuts(value):
            assert isinstance(parse(source, cut), Parsed)


@SOURCES
def test_any_few_parts_of_a_body_are_survived(source):
    chance = random.Random(source.slug)
    for value in bodies(source):
        for _ in range(THINNED):
            assert isinstance(parse(source, thinned(value, chance)), Parsed)


def thinned(value, chance):
    """What is left of a value if of each part a few are missing."""
    if isinstance(value, dict):
        return {key: thinned(inner, chance) for key, inner in value.items() if chance.random() < KEPT}
    if isinstance(value, list):
        return [thinned(inner, chance) for inner in value if chance.random() < KEPT]
    return value


def cuts(value):
    """The value with each of its parts, one at a time, missing or turned into something else."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        rest = [(k, v) for k, v in (value.items() if isinstance(value, dict) else enumerate(value)) if k != key]
        for other in (None, 7, "x", [], {}):
            yield dict([*rest, (key, other)]) if isinstance(value, dict) else [v for _, v in rest] + [other]
        for smaller in cuts(inner):
            yield dict([*rest, (key, smaller)]) if isinstance(value, dict) else [v for _, v in rest] + [smaller]


def test_aliases_lead_to_sources():
    assert set(ALIASES.values()) <= set(ALERT_SOURCES)
    assert not set(ALIASES) & set(ALERT_SOURCES)


@pytest.mark.parametrize(
    ("made", "protocol"),
    [
        (Prometheus, MetricReader),
        (Supervisor, LogReader),
        (Changes, ChangeReader),
        (Revert, Actuator),
        (Supervisor, Actuator),
    ],
)
def test_connectors_have_what_their_protocols_ask(made, protocol):
    assert isinstance(made({"url": "http://127.0.0.1:1", "path": "/nowhere"}, {}), protocol)


def test_every_actuator_s_kind_can_be_connected():
    assert {kind for kind, _ in ACTUATORS.values()} <= set(READERS)
