"""An import as a task: first a look, then what was looked at is entered; by slices, by one worker, for who may."""

from datetime import timedelta

import pytest

from audit.models import Entry
from connectors.models import Bond, ImportState, ServiceImport
from connectors.services import go_on_importing as module
from connectors.services.enter_found import enter_found
from connectors.services.go_on_importing import go_on_importing
from connectors.services.look_into_cmdb import look_into_cmdb
from core import clock
from core.actors import SYSTEM, Actor
from core.errors import NotFoundError, NotPermittedError, WrongStateError
from incidents.models import Dependency, Service
from incidents.services.register_service import ServiceEntry, register_service
from people.services.add_person import add_person
from people.services.withdraw_role import withdraw_role
from tests.connectors.servicenow.conftest import ask, bonded, cmdb, running

__all__ = ["ask", "bonded", "cmdb", "running"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def oda(db):
    return add_person("oda", "Oda Admin", ["admin"], actor=SYSTEM)


def now():
    return ServiceImport.objects.get()


def kinds():
    return {row["slug"]: (row["kind"], row["what"]) for row in now().found}


def test_a_look_says_what_would_be_done_and_enters_nothing(cmdb, bonded, oda):
    bonded()
    register_service(ServiceEntry(slug="acquirer", name="Acquirer", criticality="critical"), actor=SYSTEM)
    register_service(ServiceEntry(slug="ledger-disk", name="Ledger Disk"), actor=SYSTEM)

    look_into_cmdb("snow", actor=oda.as_actor())
    assert go_on_importing() == 1

    assert now().state == ImportState.READY
    assert kinds() == {
        "card-payments": ("new", []),
        "acquirer": ("changed", ["criticality critical becomes normal"]),
        "ledger-disk": ("same", []),
    }
    assert Service.objects.count() == 2
    assert go_on_importing() == 0


def test_what_was_looked_at_is_entered_and_nothing_else_as_whoever_said_so(cmdb, bonded, oda):
    bonded()
    look_into_cmdb("snow", actor=oda.as_actor())
    go_on_importing()
    cmdb.service("Made Meanwhile")

    enter_found("snow", actor=oda.as_actor())
    go_on_importing()

    assert now().state == ImportState.DONE
    assert set(Service.objects.values_list("slug", flat=True)) == {"card-payments", "acquirer", "ledger-disk"}
    assert list(Dependency.objects.values_list("caller", "callee")) == [("card-payments", "acquirer")]
    entries = Entry.objects.filter(verb__in=["service.registered", "connection.imported"])
    assert {entry.actor for entry in entries} == {f"person:{oda.pk}"}
    assert entries.count() == 4


def test_a_long_one_goes_on_slice_by_slice(cmdb, bonded, oda, monkeypatch):
    monkeypatch.setattr(module, "FOR_S", -1.0)
    bonded()

    look_into_cmdb("snow", actor=oda.as_actor())
    seen = []
    while go_on_importing():
        seen.append((now().state, now().position))

    assert seen == [("LOOKING", 1), ("LOOKING", 2), ("READY", 3)]


def test_one_that_another_worker_holds_is_left_to_it_until_that_has_died(cmdb, bonded, oda):
    bonded()
    look_into_cmdb("snow", actor=oda.as_actor())
    ServiceImport.objects.update(held_until=clock.now() + timedelta(seconds=9))
    assert go_on_importing() == 0

    ServiceImport.objects.update(held_until=clock.now() - timedelta(seconds=1))

    assert go_on_importing() == 1
    assert now().state == ImportState.READY


@pytest.mark.parametrize(
    ("habits", "why"),
    [
        ({"down": True}, "ServiceNow answered 503"),
        ({"hidden": ["cmdb_ci_service"]}, "ServiceNow has no such record, or an access rule hides it"),
        ({"limit": 0, "retry_after": 600}, "Try again after"),
        ({"slow_s": 1.0}, "did not answer within 0.2 s"),
    ],
)
def test_what_the_other_side_refuses_is_said(cmdb, bonded, oda, ask, habits, why):
    bonded(timeout_s=0.2 if "slow_s" in habits else 5)
    ask.control("habits", **habits)

    look_into_cmdb("snow", actor=oda.as_actor())
    go_on_importing()
    ask.control("habits", slow_s=0, down=False, hidden=[])

    assert now().state == ImportState.FAILED
    assert why in now().error
    look_into_cmdb("snow", actor=oda.as_actor())  # it may be looked at again
    assert now().error == ""


def test_it_does_not_go_on_for_ever(cmdb, bonded, oda):
    bonded()
    look_into_cmdb("snow", actor=oda.as_actor())
    ServiceImport.objects.update(began_at=clock.now() - timedelta(minutes=31))

    go_on_importing()

    assert (now().state, now().error) == ("FAILED", "It was not over after 30 minutes.")


def test_who_lost_the_role_meanwhile_enters_nothing(cmdb, bonded, oda):
    bonded()
    look_into_cmdb("snow", actor=oda.as_actor())
    go_on_importing()
    enter_found("snow", actor=oda.as_actor())
    withdraw_role("oda", "admin", actor=SYSTEM)

    go_on_importing()

    assert now().state == ImportState.FAILED
    assert not Service.objects.exists()


def test_only_who_may_register_services_may_look_or_enter(cmdb, bonded):
    bonded()
    for verb in (look_into_cmdb, enter_found):
        for name in ("snow", "nothing"):
            with pytest.raises(NotPermittedError):
                verb(name, actor=Actor(id="person:nobody", roles=frozenset({"operator"})))


def test_what_is_not_to_be_done_now_is_refused(cmdb, bonded, oda):
    actor, connection = oda.as_actor(), bonded()
    for verb in (look_into_cmdb, enter_found):
        with pytest.raises(NotFoundError):
            verb("nothing", actor=actor)
    look_into_cmdb("snow", actor=actor)
    with pytest.raises(WrongStateError, match="under way"):
        look_into_cmdb("snow", actor=actor)
    with pytest.raises(WrongStateError, match="Look again"):
        enter_found("snow", actor=actor)
    go_on_importing()
    ServiceImport.objects.update(looked_at=clock.now() - timedelta(hours=2))
    with pytest.raises(WrongStateError, match="Look again"):
        enter_found("snow", actor=actor)
    until = clock.now() + timedelta(minutes=5)
    Bond.objects.update_or_create(connection=connection, defaults={"paused_until": until, "error": "It is busy."})
    with pytest.raises(WrongStateError, match="It is busy"):
        look_into_cmdb("snow", actor=actor)
