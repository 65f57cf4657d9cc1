"""Which client certificates a source needs: set, replaced and removed by those who may, and kept in the record."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from connectors.certificates import MOST, Certificate, stored, told
from connectors.models import Source
from connectors.services.require_certificates import require_certificates
from core.actors import SYSTEM, Actor
from core.errors import BadInputError, NotFoundError, NotPermittedError
from people.services.add_person import add_person
from tests.connectors.intake.certs import make

pytestmark = pytest.mark.django_db


def run(*words):
    call_command("source", "certificate", *map(str, words))


def digests():
    return [one["sha256"] for one in Source.objects.get().certificates]


def test_they_are_set_replaced_and_removed_and_each_is_an_entry(endpoint):
    one, two = make(), make("other")
    require_certificates("shop", [told(one.pem)], actor=SYSTEM)
    require_certificates("shop", [told(two.pem), told(one.sha256)], actor=SYSTEM)
    assert digests() == [two.sha256, one.sha256]
    require_certificates("shop", [], actor=SYSTEM)

    assert digests() == []
    verbs = [verb for verb in Entry.objects.order_by("id").values_list("verb", flat=True) if "certificates" in verb]
    assert verbs == ["source.certificates_required", "source.certificates_required", "source.certificates_waived"]


def test_expiry_is_kept_where_it_is_known(endpoint):
    made = make()
    require_certificates("shop", [told(made.pem), told("ab" * 32)], actor=SYSTEM)

    known, unknown = stored(Source.objects.get().certificates)
    assert known.ends_at == made.certificate.not_valid_after_utc
    assert unknown.ends_at is None
    assert "until" in known.sentence
    assert "not known" in unknown.sentence


@pytest.mark.parametrize(
    ("slug", "certificates", "error"),
    [
        ("nobody", [], NotFoundError),
        ("shop", [Certificate(sha256="ab" * 32)] * 2, BadInputError),
        ("shop", [Certificate(sha256=f"{number:064x}") for number in range(MOST + 1)], BadInputError),
    ],
)
def test_what_makes_no_sense_changes_nothing(endpoint, slug, certificates, error):
    with pytest.raises(error):
        require_certificates(slug, certificates, actor=SYSTEM)

    assert digests() == []


def test_one_that_has_expired_is_refused(endpoint):
    old = told(make(begins=timedelta(days=-9), ends=timedelta(days=-1)).pem)

    with pytest.raises(BadInputError, match="has expired"):
        require_certificates("shop", [old], actor=SYSTEM)


def test_only_admins_may(endpoint):
    with pytest.raises(NotPermittedError):
        require_certificates("shop", [], actor=Actor(id="person:ada", roles=frozenset({"operator"})))


@pytest.mark.parametrize(
    "text", ["", "x", "ab" * 31, "zz" * 32, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_what_is_no_certificate_is_said_so(text):
    with pytest.raises(BadInputError, match="neither a certificate"):
        told(text)


def test_a_digest_may_be_written_as_openssl_prints_it():
    made = make()
    colons = ":".join(made.sha256[at : at + 2] for at in range(0, 64, 2)).upper()

    assert told(f" {colons}\n").sha256 == made.sha256 == told(made.pem).sha256


def test_the_command_sets_shows_and_removes(endpoint, tmp_path, capsys):
    made = make()
    run("shop", "--set", made.save(tmp_path, "client"), "ab" * 32)
    assert digests() == [made.sha256, "ab" * 32]

    capsys.readouterr()
    run("shop")
    assert capsys.readouterr().out.split()[:2] == [made.sha256, "until"]
    run("shop", "--json")
    assert [one["sha256"] for one in json.loads(capsys.readouterr().out)["certificates"]] == digests()
    call_command("source", "list")
    assert f"certificate {made.sha256} until" in capsys.readouterr().out
    run("shop", "--remove")
    assert "needs no client certificate" in capsys.readouterr().out
    assert digests() == []


@pytest.mark.parametrize("words", [("shop", "--set", "no.pem"), ("nobody",), ("nobody", "--remove")])
def test_the_command_says_what_is_wrong(endpoint, words):
    with pytest.raises(CommandError):
        run(*words)


def test_the_page_shows_when_they_expire(endpoint, client, monkeypatch):
    made = make()
    require_certificates("shop", [told(made.pem)], actor=SYSTEM)
    monkeypatch.setattr("console.stepup.is_fresh", lambda _: True)
    admin = add_person("oda", "Oda Admin", ["admin"], actor=SYSTEM)
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")

    page = client.get("/sources/shop/").content.decode()

    assert made.sha256[:16] in page
    assert f"until {made.certificate.not_valid_after_utc:%Y-%m-%d}" in page
