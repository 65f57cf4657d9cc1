"""The catalogue as a file: read strictly, entered whole or not at all, written as it is read."""

import json

import pytest
from django.core.management import CommandError, call_command

from incidents import catalogue
from incidents.models import Dependency, Service

pytestmark = pytest.mark.django_db
FILE = """
- slug: mail
  environment: prod
  team: post
  criticality: important
  depends_on: [checkout, smtp-out]
- {slug: smtp-out, stateless: true}
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "services.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_a_file_is_entered_and_comes_out_as_it_went_in(written, verbs, capsys):
    call_command("services", "apply", written(FILE))
    call_command("services", "apply", written(FILE))
    assert capsys.readouterr().out.splitlines() == ["2 services are in the catalogue."] * 2
    assert verbs("service:mail") == ["service.registered"]

    call_command("services", "show")
    shown = capsys.readouterr().out
    mail, smtp = catalogue.parse(shown)

    assert (mail["team"], mail["criticality"], mail["depends_on"]) == ("post", "important", ["checkout", "smtp-out"])
    assert (smtp["stateless"], smtp["depends_on"]) == (True, [])
    assert "autonomy" not in shown


def test_what_is_left_out_stays_as_it_is_known(shop, written):
    called = set(Dependency.objects.filter(caller="checkout").values_list("callee", flat=True))
    known = Service.objects.count()

    call_command("services", "apply", written("- {slug: checkout, team: tills}"))

    assert (Service.objects.get(slug="checkout").team, Service.objects.count()) == ("tills", known)
    assert set(Dependency.objects.filter(caller="checkout").values_list("callee", flat=True)) == called


def test_checking_stores_nothing(written, capsys):
    call_command("services", "check", written(FILE), "--json")

    assert json.loads(capsys.readouterr().out) == {"services": ["mail", "smtp-out"]}
    assert not Service.objects.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "list of services"),
        ("slug: mail", "list of services"),
        ("- [", "not YAML"),
        ("- !!int x", "not YAML"),
        ("- mail", "Entry 1 has no `slug`"),
        ("- {slug: 7}", "Entry 1 has no `slug`"),
        ("- {slug: a b}", "'a b', slug: Enter a valid"),
        ("- {slug: a, autonomy: act}", "'a' has the field 'autonomy'"),
        ("- {slug: a, criticality: huge}", "'a', criticality:"),
        ("- {slug: a, depends_on: b}", "'a', depends_on: Expected a list"),
        ("- {slug: a, depends_on: [b, c d]}", "'a', depends_on: entry 2: Enter a valid"),
        ("- {slug: a}\n- {slug: a}", "Two entries are about 'a'"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_entered(written, text, said):
    with pytest.raises(CommandError) as refused:
        call_command("services", "apply", written(f"- {{slug: fine}}\n{text}" if text.startswith("- {") else text))

    assert said.replace("Entry 1", "Entry 2" if text.startswith("- {") else "Entry 1") in str(refused.value)
    assert not Service.objects.exists()


def test_everything_that_is_wrong_is_said_at_once():
    with pytest.raises(catalogue.CatalogueError) as refused:
        catalogue.parse("- {slug: a, team: [x]}\n- {}\n- {slug: b, name: ''}")

    assert len(refused.value.facts["problems"]) == 3


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(CommandError, match="cannot be read as text"):
        call_command("services", "check", str(tmp_path / "none.yaml"))
