import hashlib
import io
import json

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from connectors.base import Outcome, Parsed
from connectors.models import Delivery
from connectors.reasons import shape
from connectors.registry import ALERT_SOURCES
from connectors.services.accept import accept
from connectors.services.drain import drain
from connectors.services.replay import replay, replay_dead
from core.actors import INTAKE, SYSTEM, Actor
from core.errors import NotFoundError, NotPermittedError, RefusedError, WrongStateError
from incidents.models import Alert, Incident

pytestmark = pytest.mark.django_db

OPERATOR = Actor(id="person:1", roles=frozenset({"operator"}))
VIEWER = Actor(id="person:2", roles=frozenset({"viewer"}))


@pytest.fixture
def deliver(endpoint):
    def send(*bodies):
        sent = [accept(endpoint.source, body, headers={}) for body in bodies]
        drain(actor=INTAKE)
        for delivery in sent:
            delivery.refresh_from_db()
        return sent

    return send


@pytest.fixture
def learnt(monkeypatch, group):
    """From now on the adapter reads what it did not understand as an alert of checkout."""
    adapter = ALERT_SOURCES["alertmanager"]
    parse = adapter.parse

    def newer(delivery):
        from dataclasses import replace

        found = parse(delivery)
        return parse(replace(delivery, value=json.loads(group("checkout")))) if found.outcome == "reject" else found

    def teach():
        monkeypatch.setattr(adapter, "parse", newer)

    return teach


def test_a_dead_letter_is_read_by_a_newer_adapter_and_what_was_received_is_as_before(deliver, learnt):
    (sent,) = deliver(b'{"hello": "world"}')
    assert (sent.state, Alert.objects.count()) == ("DEAD", 0)
    learnt()

    replay(sent.uid, actor=OPERATOR)
    drain(actor=INTAKE)

    again = Delivery.objects.get()
    assert (again.state, again.error, again.replays, again.attempts) == ("DONE", "", 1, 1)
    assert (bytes(again.body), again.sha256, again.received_at) == (bytes(sent.body), sent.sha256, sent.received_at)
    assert Alert.objects.get().delivery_id == sent.uid
    assert Entry.objects.filter(verb="delivery.replayed", actor="person:1").count() == 1


def test_reading_again_what_was_read_only_counts(deliver, group):
    (sent,) = deliver(group("checkout"))

    for _ in range(3):
        replay(sent.uid, actor=SYSTEM)
        drain(actor=INTAKE)

    assert (Incident.objects.count(), Alert.objects.count()) == (1, 1)
    assert Alert.objects.get().status == "firing"


def test_an_old_firing_that_is_read_again_does_not_fire_again(deliver, group):
    sent, _ = deliver(group("checkout"), group("checkout", status="resolved", ends="2026-03-01T12:05:00Z"))

    replay(sent.uid, actor=SYSTEM)
    drain(actor=INTAKE)

    assert list(Alert.objects.values_list("status", flat=True)) == ["resolved"]


def test_warnings_are_those_of_the_last_reading(deliver, monkeypatch):
    (sent,) = deliver(b'{"a": 1, "a": 2}')
    assert any("twice" in warning for warning in sent.warnings)
    later = Parsed(outcome=Outcome.IGNORED, warnings=("Nothing new.",))
    monkeypatch.setattr(ALERT_SOURCES["alertmanager"], "parse", lambda _: later)

    replay(sent.uid, actor=SYSTEM)
    drain(actor=INTAKE)

    sent.refresh_from_db()
    assert sent.state == "IGNORED"
    assert sent.warnings == ["The key 'a' stands twice in one object; the last one counts.", "Nothing new."]


def test_what_waits_cannot_be_put_back(endpoint, group):
    sent = accept(endpoint.source, group("checkout"), headers={})

    with pytest.raises(WrongStateError):
        replay(sent.uid, actor=SYSTEM)


def test_a_viewer_may_not(deliver):
    (sent,) = deliver(b"{}")

    with pytest.raises(NotPermittedError):
        replay(sent.uid, actor=VIEWER)
    with pytest.raises(NotPermittedError):
        replay_dead("shop", actor=VIEWER)


def test_what_is_not_there_is_not_found():
    with pytest.raises(NotFoundError):
        replay("x\0" * 50, actor=SYSTEM)
    with pytest.raises(NotFoundError):
        replay_dead("nowhere", actor=SYSTEM)


def test_a_body_changed_together_with_its_digest_is_refused_for_the_ledger_knows_better(deliver, group, unguarded):
    sent, neighbour = deliver(b'{"hello": "world"}', group("checkout"))
    forged = group("payments")
    with unguarded():
        Delivery.objects.filter(pk=sent.pk).update(body=forged, sha256=hashlib.sha256(forged).hexdigest())

    with pytest.raises(RefusedError, match="vouches"):
        replay(sent.uid, actor=SYSTEM)

    assert replay_dead("shop", actor=SYSTEM) == []
    assert not Alert.objects.filter(service="payments").exists()
    with pytest.raises(RefusedError):
        replay(neighbour.uid, actor=SYSTEM)


@pytest.mark.parametrize("batch", ["", "0" * 32])
def test_a_delivery_that_denies_its_batch_is_refused(deliver, batch):
    sent, _ = deliver(b'{"hello": "world"}', b"{}")
    Delivery.objects.filter(pk=sent.pk).update(batch=batch)

    with pytest.raises(RefusedError):
        replay(sent.uid, actor=SYSTEM)


def test_all_dead_letters_of_one_source_are_taken_up_with_one_entry(deliver, learnt):
    deliver(*[b'{"n": %d}' % number for number in range(3)])
    learnt()

    again = replay_dead("shop", actor=OPERATOR)
    drain(actor=INTAKE)

    assert len(again) == 3
    assert set(Delivery.objects.values_list("state", flat=True)) == {"DONE"}
    assert Entry.objects.filter(verb="deliveries.replayed").count() == 1
    assert replay_dead("shop", actor=OPERATOR) == []


def test_the_command_lists_dead_letters_with_their_reason_and_replays_them(deliver):
    (sent,) = deliver(b'{"hello": "world"}')
    said = io.StringIO()

    call_command("delivery", "list", "--state", "dead", "--json", stdout=said)
    call_command("delivery", "replay", sent.uid, stdout=said)
    drain(actor=INTAKE)
    call_command("delivery", "replay", "--dead", "--source", "shop", stdout=said)

    first = json.loads(said.getvalue().splitlines()[0])
    assert (first["id"], first["state"]) == (sent.uid, "DEAD")
    assert "no Alertmanager webhook" in first["error"]
    assert Delivery.objects.get().replays == 2
    for wrong in (
        ["list", "--source", "nothing"],
        ["replay"],
        ["replay", sent.uid, "--dead"],
        ["replay", "--dead"],
        ["replay", "nothing"],
    ):
        with pytest.raises(CommandError):
            call_command("delivery", *wrong)


def test_the_dead_letters_of_one_reason_are_read_again_and_no_others(deliver, endpoint):
    deliver(b"[1]", b'{"a": NaN}', b"[2]")
    reason = shape(Delivery.objects.order_by("pk").first().error)
    taken = replay_dead(endpoint.source.slug, actor=OPERATOR, why=reason)

    assert [bytes(delivery.body) for delivery in taken] == [b"[1]", b"[2]"]
    assert replay_dead(endpoint.source.slug, actor=OPERATOR, why="Something else.") == []
    with pytest.raises(NotPermittedError):
        replay_dead(endpoint.source.slug, actor=VIEWER, why=reason)
