"""The docs are true: what exists is described."""

import re
from pathlib import Path

from django.core.management import get_commands

from connectors.registry import ALERT_SOURCES
from console import env, settings

ROOT = Path(__file__).resolve().parents[1]
OURS = {"audit", "people", "approvals", "connectors", "agents", "console", "incidents"}


def test_every_setting_is_described():
    described = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/settings.md").read_text(), re.MULTILINE))

    assert settings.EMBEDDED in {True, False}
    assert set(env.names) == described


def test_every_command_is_described():
    text = "\n".join(path.read_text() for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
    ours = {name for name, package in get_commands().items() if package in OURS}

    assert [name for name in sorted(ours) if f"manage.py {name}" not in text] == []


def test_every_alert_source_has_a_page():
    pages = {path.stem for path in (ROOT / "docs/howto").glob("connect-*.md")}

    assert {f"connect-{kind}" for kind in ALERT_SOURCES} <= pages


def test_links_in_the_docs_lead_somewhere():
    broken = []
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
        broken += [f"{page.relative_to(ROOT)} -> {name}" for name in targets if not (page.parent / name).exists()]

    assert broken == []


def test_files_that_the_docs_name_exist():
    packages = "core|proof|audit|people|incidents|approvals|connectors|agents|console|lab|tests|static|benchmarks"
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "docs/howto").rglob("*.md")]
    named = {
        (page.name, name)
        for page in pages
        for name in re.findall(rf"`((?:{packages})/[a-z0-9_./-]+)`", page.read_text())
    }

    assert len(named) > 20
    assert [one for one in sorted(named) if not any((top / one[1]).exists() for top in (ROOT, ROOT / "tests"))] == []


def test_the_threat_model_has_a_line_for_each_threat_and_names_tests_that_exist():
    page = (ROOT / "docs/threat-model.md").read_text()
    rows = re.findall(r"^\| ([TH][0-9]+) \|", page, re.MULTILINE)
    named = set(re.findall(r"`([a-z0-9_/]+\.py)`", page))

    assert rows == [f"T{number}" for number in range(1, 26)] + [f"H{number}" for number in range(1, 26)]
    assert [name for name in sorted(named) if not (ROOT / "tests" / name).exists()] == []
