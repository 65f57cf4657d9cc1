"""Pausing a source, and taking it up again: `pause_source`, `resume_source`."""

import json

import pytest

from audit.models import Entry
from connectors.models import Delivery, Source
from connectors.services.add_source import add_source
from connectors.services.pause_source import pause_source
from connectors.services.resume_source import resume_source
from core.actors import SYSTEM, Actor
from core.errors import NotFoundError, NotPermittedError, WrongStateError

pytestmark = pytest.mark.django_db
ADA = Actor(id="person:ada", roles=frozenset({"operator"}))
ODA = Actor(id="person:oda", roles=frozenset({"admin"}))
BODY = json.dumps({"title": "x", "status": "firing"})


def post(client, endpoint):
    return client.post(f"/hooks/generic/{endpoint.token}", BODY, content_type="application/json").status_code


def test_a_paused_source_is_refused_at_its_address_and_a_resumed_one_is_not(client):
    endpoint = add_source("generic", "Scripts", actor=SYSTEM)
    assert post(client, endpoint) == 202

    pause_source("scripts", actor=ODA)
    assert post(client, endpoint) == 401
    resume_source("scripts", actor=ODA)
    assert post(client, endpoint) == 202

    assert Delivery.objects.count() == 2
    assert [verb for verb in Entry.objects.order_by("id").values_list("verb", flat=True) if verb[:6] == "source"] == [
        "source.added", "source.paused", "source.resumed",
    ]  # fmt: skip


@pytest.mark.parametrize("verb", [pause_source, resume_source])
def test_only_an_admin_may_and_of_an_unknown_source_an_operator_learns_nothing(verb):
    add_source("generic", "Scripts", actor=SYSTEM)

    for slug in ("scripts", "nothing"):
        with pytest.raises(NotPermittedError):
            verb(slug, actor=ADA)
    with pytest.raises(NotFoundError):
        verb("nothing", actor=ODA)


def test_pausing_twice_and_resuming_what_runs_are_too_late():
    add_source("generic", "Scripts", actor=SYSTEM)

    with pytest.raises(WrongStateError, match="not paused"):
        resume_source("scripts", actor=SYSTEM)
    pause_source("scripts", actor=SYSTEM)
    with pytest.raises(WrongStateError, match="paused already"):
        pause_source("scripts", actor=SYSTEM)
    assert not Source.objects.get().is_active
