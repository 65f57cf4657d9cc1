"""docs/howto/sources.md names every kind of source, and the README leads to it."""

from pathlib import Path

from django.core.management import call_command

from connectors.registry import ALERT_SOURCES

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/howto/sources.md"


def test_the_page_is_what_the_command_prints(capsys):
    call_command("kinds")

    assert PAGE.read_text(encoding="utf-8") == capsys.readouterr().out, (
        "write it: ./manage.py kinds > docs/howto/sources.md"
    )


def test_every_kind_is_on_the_page_and_the_page_is_found():
    text = PAGE.read_text(encoding="utf-8")

    assert [kind for kind in ALERT_SOURCES if f"| [`{kind}`](connect-{kind}.md) |" not in text] == []
    assert "docs/howto/sources.md" in (ROOT / "README.md").read_text(encoding="utf-8")
