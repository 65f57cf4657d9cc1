"""The lab is a world of its own."""

import ast

import pytest

from tests.lab.running import ROOT

PRODUCT = {"agents", "approvals", "audit", "connectors", "console", "core", "django", "incidents", "people", "proof"}
MODULES = sorted((ROOT / "lab").rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_imports_nothing_of_the_product(path):
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])

    assert not imported & PRODUCT
