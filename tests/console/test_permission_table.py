"""docs/permissions.md says what the tables say."""

from pathlib import Path

from django.core.management import call_command

from console.permission_table import tables
from core.permissions import Permission

PAGE = Path(__file__).resolve().parents[2] / "docs/permissions.md"


def test_the_page_is_what_the_command_prints(capsys):
    call_command("permissions")

    assert PAGE.read_text(encoding="utf-8") == capsys.readouterr().out, (
        "write it: ./manage.py permissions > docs/permissions.md"
    )


def test_every_permission_is_on_the_page():
    assert set(tables()) == set(Permission)
    assert all(f"| `{permission}` |" in PAGE.read_text(encoding="utf-8") for permission in Permission)
