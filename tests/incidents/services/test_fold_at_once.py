"""Two workers at the same moment, with real threads and real locks."""

import threading

import pytest
from django.db import connection

from core.actors import INTAKE
from incidents.models import Alert, Incident
from incidents.services.fold import fold

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*events):
    """Fold each event in a thread of its own, all released together; return what went wrong."""
    gate, wrong = threading.Barrier(len(events)), []

    def work(event):
        try:
            gate.wait(timeout=20)
            fold(event, source_autonomy="act", actor=INTAKE)
        except BaseException as error:  # noqa: BLE001 -- shown to the test
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(event,)) for event in events]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return wrong


def test_one_fingerprint_told_by_four_workers_is_one_alert_and_one_incident(event):
    assert at_once(*[event() for _ in range(4)]) == []

    assert (Alert.objects.count(), Incident.objects.count()) == (1, 1)
    assert Alert.objects.get().count == 4


def test_four_alerts_of_one_service_open_one_incident(event):
    assert at_once(*[event(name) for name in "abcd"]) == []

    assert (Alert.objects.count(), Incident.objects.count()) == (4, 1)


def test_alerts_along_one_call_path_open_one_incident(event, shop):
    assert at_once(*[event(name, service=name) for name in ("gateway", "checkout", "payments")]) == []

    assert Incident.objects.get().service == "payments"
