import hashlib
import json
import threading

import pytest
from django.db import DatabaseError, connection, transaction

from audit import ledger
from audit.models import Entry
from connectors.models import Delivery, Source
from connectors.services import drain as module
from connectors.services.accept import accept
from connectors.services.drain import drain
from connectors.tasks import drain_inbox
from core.actors import INTAKE
from incidents.models import Alert, Incident
from proof import canonical, merkle

pytestmark = pytest.mark.django_db


@pytest.fixture
def deliver(endpoint):
    def send(*bodies):
        return [accept(endpoint.source, body, headers={}) for body in bodies]

    return send


def states():
    return list(Delivery.objects.order_by("id").values_list("state", flat=True))


def facts_of(verb):
    return [canonical.loads(bytes(entry.facts)) for entry in Entry.objects.filter(verb=verb).order_by("id")]


def test_what_waits_becomes_alerts_and_an_incident(deliver, group):
    deliver(group("checkout"))

    drained = drain(actor=INTAKE)

    delivery = Delivery.objects.get()
    assert (drained.done, drained.events, delivery.state, delivery.events_count) == (1, 1, "DONE", 1)
    assert Incident.objects.get().title == "checkout fails its requests"
    assert Alert.objects.get().delivery_id == delivery.uid
    assert Source.objects.get().last_delivery_at == delivery.received_at


def test_a_batch_leaves_one_entry_with_the_root_over_its_bodies(deliver, group):
    sent = deliver(group("checkout"), b'{"alerts": []}', b"[]")

    drain(actor=INTAKE)

    (facts,) = facts_of("deliveries.drained")
    leaves = [merkle.leaf_hash(hashlib.sha256(bytes(delivery.body)).digest()) for delivery in sent]
    assert facts["root"] == merkle.root(leaves).hex()
    assert (facts["done"], facts["ignored"], facts["dead"], facts["events"]) == (1, 1, 1, 1)
    assert facts["deliveries"] == [delivery.uid for delivery in sent]


def test_what_no_adapter_understands_is_a_dead_letter_with_its_reason(deliver):
    (sent,) = deliver(b'{"hello": "world"}')

    drain(actor=INTAKE)

    sent.refresh_from_db()
    assert sent.state == "DEAD"
    assert "no Alertmanager webhook" in sent.error
    assert facts_of("delivery.dead")[0]["source"] == "shop"


def test_an_unclassified_status_is_kept_and_changes_nothing(deliver):
    (sent,) = deliver(b'{"alerts": [{"status": "asleep", "labels": {"alertname": "X"}}]}')

    drain(actor=INTAKE)

    sent.refresh_from_db()
    assert (sent.state, Alert.objects.count()) == ("IGNORED", 0)
    assert any("asleep" in warning for warning in sent.warnings)


def test_draining_twice_is_draining_once(deliver, group):
    deliver(group("checkout"))
    drain(actor=INTAKE)
    before = Entry.objects.count()

    drain_inbox()

    assert (Alert.objects.get().count, Entry.objects.count()) == (1, before)


def test_a_replayed_delivery_only_counts(deliver, group):
    deliver(*[group("checkout")] * 3)

    drain(actor=INTAKE)

    assert (Incident.objects.count(), Alert.objects.get().count) == (1, 3)


def test_a_resolve_that_arrives_before_its_firing_wins(deliver, group):
    deliver(group("checkout", status="resolved", ends="2026-03-01T12:05:00Z"), group("checkout"))

    drain(actor=INTAKE)

    assert Alert.objects.get().status == "resolved"
    assert not Incident.objects.exists()


@pytest.fixture
def poison(monkeypatch):
    """Folding an alert of the service `poison` breaks."""
    fold_all = module.fold_all

    def breaks(told, **more):
        alerts = fold_all(told, **more)
        if any(event.service == "poison" for event, _ in told):
            raise ValueError("no\0luck")
        return alerts

    monkeypatch.setattr(module, "fold_all", breaks)


def test_a_poison_delivery_never_takes_its_neighbours_with_it(deliver, group, poison):
    deliver(group("checkout"), group("poison"), group("mail"))

    drain(actor=INTAKE)

    assert states() == ["DONE", "WAITING", "DONE"]
    assert set(Alert.objects.values_list("service", flat=True)) == {"checkout", "mail"}


def test_a_poison_delivery_dies_at_its_attempt_limit(deliver, group, poison):
    (sent,) = deliver(group("poison"))

    for _ in range(5):
        drain(actor=INTAKE)

    sent.refresh_from_db()
    assert (sent.state, sent.attempts) == ("DEAD", 3)
    assert "ValueError" in sent.error
    assert len(facts_of("delivery.dead")) == 1


def test_of_many_folded_together_each_counts_its_own_events_and_names_its_own_failure(deliver, group, poison):
    sent = deliver(group("checkout", "mail"), group("poison"), group("checkout"))

    drain(actor=INTAKE)

    for one in sent:
        one.refresh_from_db()
    assert [(one.state, one.events_count) for one in sent] == [("DONE", 2), ("WAITING", 0), ("DONE", 1)]
    assert [bool(one.error) for one in sent] == [False, True, False]


def test_half_a_poison_batch_leaves_no_half_of_its_alerts(deliver, group, poison):
    deliver(group("checkout", "poison"))

    drain(actor=INTAKE)

    assert not Alert.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_between_fold_and_commit_leaves_nothing_and_the_next_one_does_it_once(
    deliver, group, monkeypatch
):
    deliver(group("checkout"), group("mail"))

    def killed(*_args, **_kwargs):
        assert Alert.objects.count() == 2
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(module, "_record", killed)
        with pytest.raises(SystemExit):
            drain(actor=INTAKE)
    assert (states(), Alert.objects.count(), Incident.objects.count()) == (["WAITING"] * 2, 0, 0)

    drain(actor=INTAKE)

    assert (states(), Alert.objects.count()) == (["DONE"] * 2, 2)
    assert Entry.objects.filter(verb="incident.opened").count() == 2


def test_what_was_received_cannot_be_changed(deliver, group):
    deliver(group("checkout"))

    for change in ({"body": b"{}"}, {"sha256": "0" * 64}, {"headers": {}}, {"verdict": "sns"}, {"uid": "x"}):
        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
            Delivery.objects.update(**change)


def test_a_stored_body_that_was_changed_by_the_databases_owner_is_not_read(deliver, group, unguarded):
    (sent,) = deliver(group("checkout"))
    with unguarded():
        Delivery.objects.update(body=group("payments"))

    drain(actor=INTAKE)

    sent.refresh_from_db()
    assert sent.state == "DEAD"
    assert "not the one that was received" in sent.error
    assert not Alert.objects.exists()


def test_many_batches_are_drained_in_one_go(deliver, group, monkeypatch):
    monkeypatch.setattr(module, "MOST", 50)
    deliver(*[group(f"s{number}") for number in range(120)])

    assert drain(actor=INTAKE).done == 120
    assert Entry.objects.filter(verb="deliveries.drained").count() == 3


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_read_each_delivery_once(deliver, group):
    deliver(*[group("checkout", f"s{number}") for number in range(120)])
    wrong, gate = [], threading.Barrier(4)

    def work():
        try:
            gate.wait(timeout=20)
            drain(actor=INTAKE)
        except BaseException as error:  # noqa: BLE001 -- shown to the test
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)

    assert wrong == []
    assert set(states()) == {"DONE"}
    assert Alert.objects.count() == 121
    assert Alert.objects.get(service="checkout").count == 120
    assert sum(len(facts["deliveries"]) for facts in facts_of("deliveries.drained")) == 120


def test_long_and_strange_texts_fit_the_columns_and_the_ledger(deliver):
    alert = {
        "status": "firing",
        "labels": {"alertname": "e\u0301" * 400, "service": "x" * 900, "severity": "purple" * 99}
        | {f"k{n}" * 80: "v" * 5000 for n in range(100)},
        "annotations": {"summary": "\u0000e\u0301 " * 900, "description": "d" * 50_000},
        "fingerprint": "f" * 5000,
        "generatorURL": "http://" + "x" * 9000,
        "startsAt": "99999-13-77",
    }
    (sent,) = deliver(json.dumps({"alerts": [alert]}).encode())

    drain(actor=INTAKE)

    sent.refresh_from_db()
    assert (sent.state, sent.error) == ("DONE", "")
    kept = Alert.objects.get()
    assert (len(kept.title), len(kept.description), len(kept.labels)) == (300, 10_000, 64)
    assert any("was cut" in warning for warning in sent.warnings)
    assert ledger.timeline(kept.incident.subject, limit=5)
    with transaction.atomic():
        kept.save()
