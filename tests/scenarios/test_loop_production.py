"""The loop runs, in production: PostgreSQL, Redis, separate processes, real Prometheus and Alertmanager."""

import re

import pytest

from tests.scenarios import loop

pytestmark = [pytest.mark.scenario, pytest.mark.xdist_group("production")]


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


def test_the_export_verifies_offline_and_any_flipped_byte_is_seen(production):
    loop.the_export_verifies_and_one_flipped_byte_does_not(production)
