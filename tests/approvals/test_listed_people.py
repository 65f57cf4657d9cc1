"""H8: roles, groups and links count from the registry alone; an entry ends after 90 days unless it is renewed."""

from datetime import timedelta

import pytest

from approvals import registry
from approvals.services.change_registry import renew_person, set_groups
from approvals.services.ensure_registry import ensure_registry
from approvals.services.propose import propose
from core import clock
from core.actors import PLANNER, SYSTEM
from core.errors import BadInputError, ConsoleError, NotPermittedError
from people.models import RoleGrant
from tests.approvals.decisions import decide, state_of
from tests.approvals.keyholders import hand_over
from tests.approvals.plans import rollback

pytestmark = pytest.mark.django_db


def later(monkeypatch, days):
    moment = clock.now() + timedelta(days=days)
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_nobody_signs_on_day_91(cast, monkeypatch):
    later(monkeypatch, 91)
    request = propose(rollback(), actor=PLANNER)

    with pytest.raises(ConsoleError):
        decide(request, cast.ben)
    assert state_of(request) == "PENDING"


def test_on_day_89_they_still_do(cast, monkeypatch):
    later(monkeypatch, 89)
    request = propose(rollback(), actor=PLANNER)

    decide(request, cast.ben)

    assert state_of(request) == "GRANTED"


def test_renewing_takes_the_roots_signatures(cast, monkeypatch):
    hand_over(cast.oda, cast.dan)
    later(monkeypatch, 80)
    draft = renew_person(cast.ben.person, actor=cast.ben.actor)
    cast.dan.cosign(cast.oda.cosign(draft))
    later(monkeypatch, 20)

    request = propose(rollback(), actor=PLANNER)
    decide(request, cast.ben)

    assert state_of(request) == "GRANTED"
    with pytest.raises(ConsoleError):
        decide(propose(rollback(incident="incident:2"), actor=PLANNER), cast.cleo)


def test_in_first_use_whoever_is_here_is_renewed_at_the_start(cast, monkeypatch):
    later(monkeypatch, 75)
    ensure_registry(actor=SYSTEM)
    later(monkeypatch, 30)

    request = propose(rollback(), actor=PLANNER)
    decide(request, cast.ben)

    assert state_of(request) == "GRANTED"


def test_a_role_in_the_rows_signs_nothing(cast):
    RoleGrant.objects.create(person=cast.mallory.person, role="approver")
    request = propose(rollback(), actor=PLANNER)

    with pytest.raises(ConsoleError):
        decide(request, cast.mallory)
    assert state_of(request) == "PENDING"


@pytest.mark.parametrize("who", ["ada", "ben", "cleo", "mallory"])
def test_nobody_but_a_key_admin_asks_for_groups(cast, who):
    with pytest.raises(NotPermittedError):
        set_groups(cast.ben.person, ["sre"], actor=getattr(cast, who).actor)


@pytest.mark.parametrize("name", ["a b", "*", "a\nb", "-x"])
def test_a_group_has_a_plain_name(cast, name):
    with pytest.raises(BadInputError):
        set_groups(cast.ben.person, [name, "sre"], actor=cast.oda.actor)
    assert registry.current().person(cast.ben.person.pk).groups == frozenset()
