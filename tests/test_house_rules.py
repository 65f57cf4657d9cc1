"""Rules of the house that a machine can hold."""

import ast
import re
import subprocess
from importlib import import_module
from pathlib import Path

import pytest

from core.permissions import Grants, Permission

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("audit", "people", "incidents", "approvals", "connectors", "agents")
LINES = 300


def files(*patterns: str) -> list[Path]:
    """The project's files by pattern, as Git knows them, new ones included."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    return [ROOT / name for name in listed if "/vendor/" not in name and (ROOT / name).exists()]


def test_no_file_is_longer_than_one_can_read():
    long = {
        str(path.relative_to(ROOT)): count
        for path in files("*.py", "*.html", "*.css", "*.js")
        if "/migrations/" not in str(path) and (count := len(path.read_text().splitlines())) > LINES
    }

    assert long == {}


def test_every_service_has_a_test_of_its_own():
    missing = []
    for path in files("*/services/*.py"):
        package = path.relative_to(ROOT).parts[0]
        if path.name == "__init__.py" or package not in PACKAGES:
            continue
        tests = files(f"tests/{package}/**/*.py", f"tests/{package}/*.py")
        if not any(path.stem in test.stem or path.stem in test.read_text() for test in tests):
            missing.append(str(path.relative_to(ROOT)))

    assert missing == []


def test_every_permission_is_granted_in_exactly_one_table():
    tables = [
        value
        for package in ("audit", "people", "incidents", "approvals", "connectors", "agents", "console")
        if (ROOT / package / "permissions.py").exists()
        for value in vars(import_module(f"{package}.permissions")).values()
        if isinstance(value, Grants)
    ]
    granted = [permission for table in tables for permission in table.table]

    assert sorted(granted) == sorted(Permission)


@pytest.mark.parametrize("word", ["signals.connect", "\nimport requests", "post_save", "pre_save"])
def test_nothing_happens_behind_ones_back(word):
    using = [str(path) for path in files("*.py") if path.parts[-2] != "tests" and word in path.read_text()]

    assert [name for name in using if "test_house_rules" not in name] == []


def test_expected_failures_are_named_not_swallowed():
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in files("*.py")
        if "tests" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and catches_everything(node)
    ]

    assert found == []


def catches_everything(node: ast.ExceptHandler) -> bool:
    return node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})


def test_pages_hold_no_inline_script_or_style():
    found = [
        str(path.relative_to(ROOT))
        for path in files("templates/*.html", "templates/**/*.html")
        if any(mark in path.read_text() for mark in (' style="', " onclick=", "<style", "javascript:"))
        or "<script>" in path.read_text()
    ]

    assert found == []


def test_only_tests_that_ask_no_database_are_left_out_on_postgresql():
    told = subprocess.run(["make", "-pnq", "help"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    folders = re.search(r"^WITHOUT_DATABASE := (.+)$", told, re.MULTILINE)[1].split()

    asking = [
        str(path.relative_to(ROOT))
        for path in files(*(f"{folder}/*.py" for folder in folders))
        if re.search(r"django_db|\b(transactional_)?db\b[,)]", path.read_text())
    ]

    assert len(folders) > 1
    assert asking == []
