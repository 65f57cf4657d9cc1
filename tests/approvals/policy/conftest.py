"""The shipped rules, as text and compiled."""

from pathlib import Path

import pytest
import yaml

from approvals.policy import Rule, parse_rules

POLICIES = Path(__file__).resolve().parents[3] / "approvals" / "policies"


def shipped(name: str) -> tuple[Rule, ...]:
    return parse_rules(yaml.safe_dump(yaml.safe_load((POLICIES / f"{name}.yaml").read_text())["rules"]))


@pytest.fixture(scope="session")
def lab() -> tuple[Rule, ...]:
    return shipped("lab")


@pytest.fixture(scope="session")
def default() -> tuple[Rule, ...]:
    return shipped("default")
