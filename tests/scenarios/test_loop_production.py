"""The loop runs, in production: PostgreSQL, Redis, separate processes, real Prometheus and Alertmanager."""

import json
import re
import signal
import sys

import pytest

from tests.scenarios import loop
from tests.scenarios.installations import wait_for

pytestmark = pytest.mark.scenario


def test_the_pages_and_their_files_are_served(production):
    page = production.client.get("/sign-in/")
    styles = re.findall(r'href="(/static/[^"]+\.css)"', page.text)

    assert page.status_code == 200
    assert styles
    assert all(re.search(r"\.[0-9a-f]{12}\.css$", name) for name in styles)
    assert all(production.client.get(name).status_code == 200 for name in styles)


def test_a_bad_configuration_is_reverted_once_a_person_has_signed(production, ssh_key):
    loop.bad_config_is_signed_and_reverted(production, "approver", ssh_key)
    production.quiet()


def test_a_leak_is_cured_by_a_restart_with_a_notice(production):
    loop.leak_is_restarted_by_itself(production)
    production.quiet()


def test_a_red_herring_is_rolled_back_and_a_person_is_called(production):
    loop.red_herring_is_rolled_back_and_a_person_called(production)


def test_the_executor_works_in_a_process_of_its_own_and_workers_do_not_act(production):
    status = json.loads(production.manage("executor", "status", "--json"))

    assert status["trouble"] == ""
    assert status["read_up_to"] > 0
    assert status["executes"] != "nobody"
    assert production.manage("executor", "pin").startswith("root ")


def test_a_second_executor_refuses_to_act_and_says_so(production):
    second = production.spawn(
        "second", sys.executable, "manage.py", "executor", EXECUTOR_STATE_DIR=str(production.folder / "second")
    )
    log = production.folder / "second.log"

    wait_for(lambda: "Let one machine alone execute" in log.read_text() or None, 30, production)
    second.send_signal(signal.SIGTERM)
    assert second.wait(20) == 0


def test_the_executor_ends_on_sigterm_and_goes_on_where_it_was(production):
    before = json.loads(production.manage("executor", "status", "--json"))
    executor = production.processes["executor"]
    executor.send_signal(signal.SIGTERM)
    assert executor.wait(20) == 0
    production.spawn("executor", sys.executable, "manage.py", "executor")

    def again():
        status = json.loads(production.manage("executor", "status", "--json"))
        return status["fencing"] > before["fencing"] or None

    assert wait_for(again, 30, production)


def test_the_export_verifies_offline_and_any_flipped_byte_is_seen(production):
    loop.the_export_verifies_and_one_flipped_byte_does_not(production)
