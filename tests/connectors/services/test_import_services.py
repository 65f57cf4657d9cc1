import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from connectors.services import import_services as module
from connectors.services.import_services import import_services
from core.actors import SYSTEM, Actor
from core.errors import NotPermittedError
from incidents.models import Dependency, Service
from incidents.services.register_service import ServiceEntry, register_service
from tests.connectors.servicenow.conftest import ask, bonded, cmdb, running

__all__ = ["ask", "bonded", "cmdb", "running"]

pytestmark = pytest.mark.django_db


def registered():
    return Entry.objects.filter(verb="service.registered").count()


def test_services_and_what_they_depend_on_are_entered(cmdb, bonded):
    done = import_services(bonded(), actor=SYSTEM)

    payments = Service.objects.get(slug="card-payments")
    assert (payments.name, payments.environment, payments.team) == ("Card Payments", "production", "payments-team")
    assert (payments.criticality, payments.autonomy) == ("critical", "observe")
    assert list(Dependency.objects.values_list("caller", "callee")) == [("card-payments", "acquirer")]
    assert (set(done.new), done.changed) == ({"card-payments", "acquirer", "ledger-disk"}, ())
    assert done.left == ("1 relation of card-payments is no dependency on services that were found.",)


def test_the_same_again_writes_nothing(cmdb, bonded):
    connection = bonded()
    import_services(connection, actor=SYSTEM)
    before = registered()

    done = import_services(connection, actor=SYSTEM)

    assert (done.new, done.changed, len(done.same)) == ((), (), 3)
    assert registered() == before == 3


def test_what_the_cmdb_does_not_hold_stays_as_people_set_it(cmdb, bonded):
    register_service(
        ServiceEntry(
            slug="card-payments",
            name="Payments",
            autonomy="act",
            stateless=True,
            targets={"supervisor": "payments"},
            signals={"error_rate": "up"},
            depends_on=("cache",),
        ),
        actor=SYSTEM,
    )

    done = import_services(bonded(), actor=SYSTEM)

    payments = Service.objects.get(slug="card-payments")
    assert "card-payments" in done.changed
    assert (payments.name, payments.autonomy, payments.stateless) == ("Card Payments", "act", True)
    assert (payments.targets, payments.signals) == ({"supervisor": "payments"}, {"error_rate": "up"})
    called = Dependency.objects.filter(caller="card-payments").values_list("callee", flat=True)
    assert set(called) == {"cache", "acquirer"}


def test_a_dry_run_says_it_and_does_nothing(cmdb, bonded):
    done = import_services(bonded(), actor=SYSTEM, dry=True)

    assert len(done.new) == 3
    assert not Service.objects.exists()


def test_what_is_retired_is_no_service(cmdb, bonded):
    cmdb.service("Old Mail", operational_status="6")

    assert "old-mail" not in import_services(bonded(), actor=SYSTEM).new


def test_more_than_fits_is_said(cmdb, bonded, monkeypatch):
    monkeypatch.setattr(module, "MOST", 2)

    done = import_services(bonded(), actor=SYSTEM)

    assert len(done.new) == 2
    assert any("more than 2 services" in sentence for sentence in done.left)


def test_only_who_may_register_services_may_import_them(cmdb, bonded, ask):
    with pytest.raises(NotPermittedError):
        import_services(bonded(), actor=Actor(id="person:nobody"))
    assert not Service.objects.exists()


def test_the_command_tells_what_it_did(cmdb, bonded, capsys):
    bonded()

    call_command("servicenow", "import", "snow", "--dry-run")
    first = capsys.readouterr().out
    call_command("servicenow", "import", "snow")
    second = capsys.readouterr().out

    assert "new      card-payments" in first
    assert "3 new, 0 changed would be entered; 0 as they were." in first
    assert "3 new, 0 changed entered; 0 as they were." in second


def test_the_command_says_what_to_do_where_nothing_is_connected_by_that_name(db):
    with pytest.raises(CommandError, match="servicenow status"):
        call_command("servicenow", "import", "nothing")


def test_an_account_that_may_not_read_them_is_told_so(cmdb, bonded, ask):
    ask.control("habits", hidden=["cmdb_ci_service"])
    bonded()

    with pytest.raises(CommandError, match=r"\S"):
        call_command("servicenow", "import", "snow")
    assert not Service.objects.exists()
