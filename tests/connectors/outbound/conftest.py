"""A receiver that remembers what it got, and a webhook to it."""

import base64
import hashlib
import hmac
import json

import pytest

from audit import ledger
from audit.services.sequence import sequence_all
from connectors.services.add_webhook import add_webhook
from core.actors import SYSTEM, TRIAGE


@pytest.fixture
def listed(settings):
    """Loopback is listed, so that tests may be told."""
    from ipaddress import ip_network

    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]


@pytest.fixture
def receiver(serve):
    """Serve whatever `answers` says next (status and headers), else 204; returns the address and what came."""

    def start(*answers):
        waiting = list(answers)

        def answer(handler):
            status, headers = waiting.pop(0) if waiting else (204, {})
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        return serve(answer)

    return start


@pytest.fixture
def told(receiver, listed, db):
    """A webhook that is told of everything, with its secret and what it got."""

    class Told:
        def __init__(self):
            self.url, self.seen = receiver()
            self.made = None

        def by(self, *answers, name="chat", events=("*",)):
            self.url, self.seen = receiver(*answers)
            self.made = add_webhook(name, f"{self.url}/hook", events, actor=SYSTEM)
            sequence_all()
            self.made.webhook.next_seq += 1  # behind its own beginning
            self.made.webhook.save()
            return self

        @property
        def bodies(self):
            return [json.loads(body) for _, _, body in self.seen]

        def now(self):
            self.made.webhook.refresh_from_db()
            return self.made.webhook

        def due(self):
            """Let the time of the next attempt come."""
            type(self.made.webhook).objects.update(due_at=None)

    return Told()


@pytest.fixture
def happen(db):
    """Enter something into the ledger and give it its place."""
    from django.db import transaction

    def make(verb="incident.opened", subject="incident:1", **facts):
        with transaction.atomic():
            entry = ledger.append(actor=TRIAGE, verb=verb, subject=subject, facts=facts)
        sequence_all()
        return entry

    return make


def verified(secret, headers, body, *, now, tolerance_s=300):
    """What a receiver does, as Standard Webhooks describes it; written without our code."""
    message, moment = headers["webhook-id"], int(headers["webhook-timestamp"])
    if abs(now - moment) > tolerance_s:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    made = base64.b64encode(hmac.new(key, f"{message}.{moment}.".encode() + body, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(f"v1,{made}", one) for one in headers["webhook-signature"].split(" "))
