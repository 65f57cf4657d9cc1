"""Mail addresses of sources: made of the token's digest, told apart from all others, and masked in logs."""

import logging

import pytest
from django.core.management import call_command

from connectors.intake import mailboxes
from connectors.models import Source
from connectors.services.renew_source import renew_source
from console.logs import MaskTokens
from core.actors import SYSTEM
from people.services.add_person import add_person


def test_an_address_leads_to_its_source_at_any_domain(made):
    assert mailboxes.source_of(f"{made.mailbox}@a.example") == made.source
    assert mailboxes.source_of(f"{made.mailbox.upper()}@b.example") == made.source
    assert len(made.mailbox) <= 64


def test_the_token_is_not_in_it_and_another_token_makes_another(made):
    renewed = renew_source(made.source.slug, actor=SYSTEM)

    assert made.token.lower() not in made.mailbox
    assert renewed.mailbox != made.mailbox
    assert mailboxes.source_of(f"{made.mailbox}@x") is None


def test_another_installation_has_other_addresses(made, settings):
    before = made.mailbox
    settings.SECRET_KEY = "another"

    assert mailboxes.mailbox_of(made.source) != before


def test_the_command_and_the_page_show_it_once(client, db, monkeypatch, capsys):
    call_command("source", "add", "email", "--name", "By command")
    command = capsys.readouterr().out
    monkeypatch.setattr("console.stepup.is_fresh", lambda _: True)
    admin = add_person("oda", "Oda Admin", ["admin"], actor=SYSTEM)
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    page = client.post("/sources/", {"kind": "email", "name": "By page"}).content.decode()
    again = client.get("/sources/by-page/").content.decode()

    first, second = (mailboxes.mailbox_of(source) for source in Source.objects.order_by("pk"))
    assert f"{first}@" in command
    assert f"{second}@" in page
    assert second not in again


@pytest.mark.parametrize(
    "address", ["", "@", "x", "0.x@x", "{box}", "{box}@x@y", "9" * 30 + ".{secret}@x", "\u0661.{secret}@x"]
)
def test_what_is_no_address_leads_nowhere(made, address):
    said = address.format(box=made.mailbox, secret=made.mailbox.partition(".")[2])

    assert mailboxes.source_of(said) is None


def test_a_log_that_holds_an_address_is_masked(made):
    record = logging.LogRecord("x", logging.INFO, "", 0, "RCPT TO:<%s@x>", (made.mailbox,), None)

    MaskTokens().filter(record)

    assert record.getMessage() == f"RCPT TO:<{made.source.pk}.[masked]@x>"
