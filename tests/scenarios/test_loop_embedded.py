"""The loop runs, embedded: SQLite, one process, the built-in monitor."""

import pytest

from tests.scenarios import loop

pytestmark = pytest.mark.scenario


def test_a_bad_configuration_is_reverted_once_a_person_has_signed(embedded, ssh_key):
    loop.bad_config_is_signed_and_reverted(embedded, "approver1", ssh_key)
    embedded.quiet()


def test_a_leak_is_cured_by_a_restart_with_a_notice(embedded):
    loop.leak_is_restarted_by_itself(embedded)
    embedded.quiet()


def test_a_red_herring_is_rolled_back_and_a_person_is_called(embedded):
    loop.red_herring_is_rolled_back_and_a_person_called(embedded)


def test_the_export_verifies_offline_and_any_flipped_byte_is_seen(embedded):
    loop.the_export_verifies_and_one_flipped_byte_does_not(embedded)
