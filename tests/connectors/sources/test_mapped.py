"""The declarative source: what a mapping makes of bodies, and that no mapping and no body raises."""

import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Outcome, Parsed, RawDelivery
from connectors.mapping import paths
from connectors.mapping.document import MappingError, check
from connectors.sources.mapped import Mapped
from incidents.events import Severity, Status

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BODY = {
    "job": "settlement-eu",
    "state": "LATE",
    "run_id": "r-1",
    "minutes_late": 14.0,
    "ctx": {"svc": "ledger-export", "env": "prod-eu-1", "shard": 14},
    "msg": "no file by 03:30",
    "ts": "2026-11-20T03:44:02Z",
    "url": "https://batch.example/r-1",
}
RULES = {
    "title": ["msg", "job"],
    "service": "ctx.svc",
    "environment": ["ctx.stage", "ctx.env"],
    "team": "= payments",
    "starts_at": "ts",
    "ends_at": "ts",
    "status": {"paths": ["state"], "words": {"LATE": "firing", "FAILED": "firing", "DONE": "resolved"}},
    "severity": {"paths": ["level"], "words": {"14": "critical"}, "absent": "high"},
    "resource": {"type": "shard", "paths": ["ctx.shard"]},
    "labels": {"shard": "ctx.shard", "ctx": "ctx"},
    "links": {"source": "url"},
    "fingerprint": ["job", "ctx.env", "ctx.shard"],
    "ignore": [{"path": "type", "equals": "Heartbeat"}],
}


def parse(value, **over):
    rules = check({**RULES, **over})
    return Mapped(rules).parse(RawDelivery(uid="d", source="batch", received_at=NOW, value=value))


def test_a_body_becomes_the_event_that_the_mapping_says():
    (event,) = parse(BODY).events

    assert (event.status, event.severity, event.severity_source) == (Status.FIRING, Severity.HIGH, "default")
    assert (event.title, event.service, event.environment, event.team) == (
        "no file by 03:30", "ledger-export", "prod-eu-1", "payments",
    )  # fmt: skip
    assert (event.resource.type, event.resource.name) == ("shard", "14")
    assert event.labels == {"env": "prod-eu-1", "shard": "14", "svc": "ledger-export"}
    assert event.links[0].url == "https://batch.example/r-1"
    assert event.starts_at == datetime(2026, 11, 20, 3, 44, 2, tzinfo=UTC)


def test_the_resolve_is_the_same_alert_and_another_shard_is_another():
    firing, resolved, other = (
        parse({**BODY, **over}).events[0]
        for over in ({}, {"state": "done", "run_id": "r-2"}, {"ctx": {**BODY["ctx"], "shard": 3}})
    )

    assert resolved.status is Status.RESOLVED
    assert firing.fingerprint == resolved.fingerprint != other.fingerprint


def test_words_are_mapped_and_unknown_ones_stay_unclassified():
    odd = parse({**BODY, "state": "SKIPPED"})
    absent = parse({name: value for name, value in BODY.items() if name != "state"})

    for parsed in (odd, absent):
        assert parsed.events[0].status is Status.UNCLASSIFIED
        assert any("recorded as unclassified" in warning for warning in parsed.warnings)
    assert parse({**BODY, "level": 14}).events[0].severity is Severity.CRITICAL
    assert parse({**BODY, "level": 14.0}).events[0].severity is Severity.CRITICAL
    assert parse({**BODY, "state": "ok"}, status={"paths": "state", "words": {"OK": "resolved"}}).events


def test_one_body_holds_several_alerts_and_paths_from_the_body_reach_them_all():
    body = {"site": "eu", "alerts": [{**BODY, "job": "a"}, 7, {**BODY, "job": "b"}]}

    parsed = parse(body, items="alerts[*]", region="$.site")

    assert [event.region for event in parsed.events] == ["eu", "eu"]
    assert len({event.fingerprint for event in parsed.events}) == 2
    assert len(parse([BODY, {**BODY, "job": "b"}]).events) == 2


def test_what_the_mapping_ignores_is_recorded_as_ignored():
    parsed = parse({**BODY, "type": "heartbeat"})

    assert (parsed.outcome, parsed.events) == (Outcome.IGNORED, ())
    assert "the mapping ignores" in parsed.warnings[0]


@pytest.mark.parametrize("body", [{}, [], {"x": 1}, {"job": {"a": 1}}, {"alerts": "x"}, [[BODY]]])
def test_a_body_without_what_tells_alerts_apart_is_a_dead_letter(body):
    parsed = parse(body)

    assert (parsed.outcome, parsed.events) == (Outcome.REJECT, ())
    assert parsed.warnings


def test_without_a_mapping_everything_is_kept_for_later():
    parsed = Mapped().parse(RawDelivery(uid="d", source="batch", received_at=NOW, value=BODY))

    assert parsed.outcome is Outcome.REJECT
    assert "no mapping yet" in parsed.warnings[0]


def test_a_mapping_runs_nothing_that_stands_in_it_or_in_a_body():
    evil = "__import__('os').system('true') + 7*7 {job}"

    (event,) = parse({**BODY, "msg": evil}, team=f"= {evil}").events
    (template,) = parse({**BODY, "msg": "{{ 7*7 }} ${7*7}"}, team="= {{ 7*7 }} of us").events

    assert (event.title, event.team) == (evil, evil)
    assert (template.title, template.team) == ("settlement-eu", "{{ 7*7 }} of us")


def test_what_starts_at_the_body_is_looked_up_once_however_many_alerts_there_are(monkeypatch):
    many = [f"$.alerts[*].x{n}" for n in range(8)]
    body = {"alerts": [{"job": str(n), "state": "LATE"} for n in range(5200)]}
    looked = []
    follow = paths.follow
    monkeypatch.setattr(
        paths,
        "follow",
        lambda path, value: (looked.append(path.text) if path.from_body else None, follow(path, value))[1],
    )

    parsed = parse(body, items="alerts[*]", title=many, description=many, service=many)

    assert len(parsed.events) == 5000
    assert "Only the first 5,000 alerts" in " ".join(parsed.warnings)
    assert sorted(looked) == sorted(many)


def test_the_command_reads_files_by_a_mapping_and_names_what_is_wrong_with_it(tmp_path, capsys):
    mapping, payload = tmp_path / "mapping.json", tmp_path / "late.json"
    mapping.write_text(json.dumps(RULES))
    payload.write_text(json.dumps(BODY))

    call_command("normalise", "--mapping", str(mapping), "mapped", str(payload))

    told = json.loads(capsys.readouterr().out)
    assert (told["outcome"], told["events"][0]["title"]) == ("events", "no file by 03:30")
    for kind, text, why in (
        ("zabbix", "{}", "Only the kind mapped"),
        ("mapped", "{}", "where the title stands"),
        ("mapped", "{", "not JSON"),
    ):
        mapping.write_text(text)
        with pytest.raises(CommandError, match=why):
            call_command("normalise", "--mapping", str(mapping), kind, str(payload))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("normalise", "--mapping", str(tmp_path / "none"), "mapped", str(payload))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=12,
)
PATH = st.lists(st.sampled_from(["a", "b", "c", None, 0, 1]), min_size=1, max_size=4).map(
    lambda s: paths.write(tuple(s))
)
CHAIN = st.lists(PATH | PATH.map("$.{}".format) | st.just("= x"), min_size=1, max_size=3)
MAPPING = st.fixed_dictionaries(
    {"title": CHAIN, "fingerprint": CHAIN, "status": st.fixed_dictionaries({"paths": CHAIN})},
    optional={
        "items": PATH,
        "description": CHAIN,
        "service": CHAIN,
        "starts_at": CHAIN,
        "ends_at": CHAIN,
        "severity": st.fixed_dictionaries({"paths": CHAIN}),
        "labels": st.dictionaries(st.text(max_size=4), PATH, max_size=3),
        "links": st.fixed_dictionaries({"source": CHAIN}),
        "resource": st.fixed_dictionaries({"paths": CHAIN}),
        "ignore": st.lists(st.fixed_dictionaries({"path": PATH, "equals": st.text(max_size=3)}), max_size=2),
    },
)


@settings(max_examples=250, deadline=None)
@given(MAPPING, st.dictionaries(st.sampled_from("abcd"), JSON) | st.lists(JSON, max_size=4))
def test_no_mapping_and_no_body_raises(document, body):
    try:
        rules = check(document)
    except MappingError:
        return
    parsed = Mapped(rules).parse(RawDelivery(uid="d", source="s", received_at=NOW, value=body))

    assert isinstance(parsed, Parsed)
    assert parsed.events or parsed.warnings
    for event in parsed.events:
        assert 0 < len(event.title) <= 300
        event.as_json()
