"""What the console reads of the lab."""

from pathlib import Path

import pytest

from lab import manifest
from lab.__main__ import main
from lab.layout import SERVICES, Instance, Layout
from lab.monitor import selectors
from lab.monitor.rules import RECORDED

POINTS = {
    "data": {"public": 0, "internal": 1, "confidential": 3, "restricted": 5},
    "reversibility": {"full": 0, "partial": 2, "none": 5},
    "blast": {"single-user": 0, "team": 1, "department": 2, "organisation": 4, "external": 5},
    "compliance": {"none": 0, "audit-logged": 1, "regulated": 3, "critical": 5},
}


@pytest.fixture
def services():
    ports = {name: 20_000 + index for index, name in enumerate(("supervisor", *SERVICES, "monitor", "alertmanager"))}
    instance = Instance(id="i", ports=ports, webhook="http://127.0.0.1:1", password="p", monitor="builtin")
    content = manifest.describe(Layout(Path("/lab")), instance, 1)
    return {service["slug"]: service for service in content["services"]}


def score(factors):
    return sum(POINTS[name][factor["level"]] for name, factor in factors.items())


def test_the_factors_add_up_to_what_the_policy_expects(services):
    assert score(services["checkout"]["factors"]["restart-service"]) == 5
    assert score(services["payments"]["factors"]["rollback-config"]) == 9


def test_every_signal_is_one_plain_selector_of_a_recorded_series(services):
    for service in services.values():
        for query in service["signals"].values():
            assert selectors.parse(query).name in RECORDED
            assert selectors.parse(query).selects({"service": service["slug"]})


def test_dependencies_name_services_of_the_shop(services):
    assert services["checkout"]["depends_on"] == ["payments", "inventory"]
    assert all(set(service["depends_on"]) <= set(SERVICES) for service in services.values())


@pytest.mark.parametrize("command", [["break", "leak"], ["heal"], ["status"]])
def test_without_a_lab_every_command_says_how_to_start_one(tmp_path, capsys, command):
    assert main([*command, "--dir", str(tmp_path)]) == 1
    assert "python -m lab up" in capsys.readouterr().err
