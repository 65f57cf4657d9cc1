"""One executor at a time: the second says so and does nothing; whoever lost its turn stops before it acts."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from agents.execution import loop, presence, standing_orders
from agents.execution.presence import TakenError
from agents.leases import LostLeaseError
from agents.models import Executor
from approvals.models import RegistryVersion
from audit import keystore
from audit.services.sequence import sequence_all
from core import clock
from core.errors import NotFoundError
from proof.keys import key_id_of
from tests.agents.execution.brink import on_the_brink

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nobody_held(monkeypatch):
    monkeypatch.setattr(presence._Here, "hold", None)
    presence.stay()
    yield
    presence.stay()


def test_a_second_executor_refuses_and_says_so(settings, tmp_path):
    presence.take()
    settings.STATE_DIR = tmp_path / "another"
    presence._Here.hold = None

    with pytest.raises(TakenError, match=r"Another executor .* Let one machine alone execute"):
        presence.take()


def test_the_same_folder_gets_it_back_at_once_with_a_higher_number():
    first = presence.take()
    presence._Here.hold = None

    again = presence.take()

    assert (again.holder, again.fencing) == (first.holder, first.fencing + 1)
    assert presence.take().fencing == again.fencing


def test_when_the_lease_has_run_out_another_takes_over_and_the_first_stops(settings, tmp_path, shifted):
    first = presence.take()
    settings.STATE_DIR = tmp_path / "another"
    presence._Here.hold = None
    shifted(settings.LEASE_S + 1)
    presence.take()

    presence._Here.hold = first
    with pytest.raises(LostLeaseError, match="took executor:default over"):
        presence.require_held()


def test_two_executors_do_not_share_a_folder():
    with (
        presence.folder_locked(),
        pytest.raises(TakenError, match="One folder is for one executor"),
        presence.folder_locked(),
    ):
        pass


def test_who_lost_its_turn_does_not_act(world, cast, settings, monkeypatch):
    from tests.agents.execution.brink import carry_on

    remediation = on_the_brink(signer=cast.ben)
    presence.take()
    Executor.objects.update(fencing=99)

    carry_on(remediation, rounds=4)

    assert world.restarts == []


def test_the_loop_carries_out_what_is_due_and_leaves_when_asked(world, cast, monkeypatch):
    """In this thread, so that every turn is seen: it takes up the run, finishes it and gives its lease back."""
    remediation = on_the_brink(signer=cast.ben)
    sequence_all()
    turns = []

    def advance(pk, _states):
        turns.append(pk)
        presence.ask_to_leave()
        return True

    monkeypatch.setattr(loop, "advance", advance)

    loop.ExecutorLoop().run()

    assert set(turns) == {remediation.pk}
    row = Executor.objects.get()
    assert row.until <= clock.now()
    assert row.account == presence.account()


def test_an_executor_that_may_not_act_says_why_where_people_look(cast, settings, tmp_path):
    from console import health

    sequence_all()
    (settings.STATE_DIR).mkdir(parents=True, exist_ok=True)
    (settings.STATE_DIR / "log.json").write_text("{", encoding="utf-8")
    executor = loop.ExecutorLoop()
    executor._hold()
    executor._follow()
    executor._renewed = -99
    executor._hold()

    assert "log.json cannot be read" in health._executor()


# --- what a person tells it ------------------------------------------------------------------------------------------
def told(*arguments):
    out = StringIO()
    call_command("executor", *arguments, stdout=out)
    return out.getvalue()


def test_status_and_pins_are_shown(cast):
    from agents.execution.follower import follow

    assert "Nothing is pinned yet" in told("pin")
    sequence_all()
    follow()

    status = json.loads(told("status", "--json"))
    root = key_id_of(keystore.public_pem("root"))
    assert status["root"] == root
    assert status["read_up_to"] == status["newest_head"] > 0
    assert status["registry"].split()[0] == str(RegistryVersion.objects.latest("version").version)
    assert root in told("pin")


def test_a_root_is_pinned_by_the_id_that_was_compared_by_hand(cast):
    from agents.execution.follower import follow
    from agents.execution.pins import pins

    sequence_all()
    root = key_id_of(keystore.public_pem("root"))
    newest = RegistryVersion.objects.latest("version")

    told("pin", "--root", root, "--registry", newest.sha256)

    assert pins().root_public == keystore.public_pem("root")
    assert pins().registry_version == newest.version
    assert follow() > 0
    with pytest.raises(NotFoundError, match="No registry in the log"):
        standing_orders.pin_by_hand(root_key_id="ab" * 32)


def test_a_running_executor_is_not_told_to_trust_somebody_else(cast):
    with presence.folder_locked(), pytest.raises(CommandError, match="Another executor works"):
        told("pin", "--root", "ab" * 32)


def test_the_embedded_mode_runs_its_own(settings):
    settings.EMBEDDED = True

    with pytest.raises(CommandError, match="embedded mode runs the executor itself"):
        told("run")
