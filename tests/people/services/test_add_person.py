"""People are added by an admin or by a command, and the ledger learns an id only."""

import json

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from core.actors import PLANNER, SYSTEM
from core.errors import BadInputError, NotPermittedError, WrongStateError
from people.models import Person
from people.selectors import names
from people.services.add_person import add_person
from people.services.demo_people import DEMO_PEOPLE, add_demo_people

pytestmark = pytest.mark.django_db


def test_a_person_has_roles_and_a_random_id(ada):
    assert ada.roles == {"operator"}
    assert ada.as_actor().id == f"person:{ada.pk}"
    assert len(ada.pk) == 16


def test_the_ledgers_body_never_holds_a_name(ada):
    entry = Entry.objects.get(verb="person.added")

    assert entry.subject == f"person:{ada.pk}"
    assert not any(word in bytes(entry.body).lower() for word in (b'"ada"', b"lovelace"))
    assert json.loads(bytes(entry.facts))["name"] == "Ada Lovelace"


def test_an_admin_may_add_and_others_may_not(oda, ada, mallory):
    add_person("ben", "Ben", ["approver"], actor=oda.as_actor())

    for actor in (ada.as_actor(), mallory.as_actor(), PLANNER):
        with pytest.raises(NotPermittedError):
            add_person("eve", "Eve", ["admin"], actor=actor)
    assert not Person.objects.filter(handle="eve").exists()


def test_an_admin_who_left_may_not(oda):
    oda.is_active = False

    with pytest.raises(NotPermittedError):
        add_person("eve", "Eve", ["admin"], actor=oda.as_actor())


def test_a_handle_belongs_to_one_person(ada):
    with pytest.raises(WrongStateError, match="taken"):
        add_person("ada", "Another Ada", [], actor=SYSTEM)


@pytest.mark.parametrize(
    ("handle", "name", "roles"),
    [("", "A", []), ("A b", "A", []), ("a\n", "A", []), ("a", " ", []), ("a", "x" * 121, []), ("a", "A", ["root"])],
)
def test_what_cannot_be_a_person_is_refused(handle, name, roles):
    with pytest.raises(BadInputError):
        add_person(handle, name, roles, actor=SYSTEM)


def test_demo_people_are_made_once(embedded):
    first = {person.handle: person.pk for person in add_demo_people(actor=SYSTEM)}
    second = {person.handle: person.pk for person in add_demo_people(actor=SYSTEM)}

    assert first == second
    assert set(first) == set(DEMO_PEOPLE)
    assert Person.objects.get(handle="owner").roles == {"admin", "key-admin", "approver", "operator", "manager"}
    assert all(person.is_demo for person in Person.objects.all())
    assert len({person.initials for person in Person.objects.all()}) == 6


def test_demo_people_exist_in_the_embedded_mode_only(settings):
    settings.EMBEDDED = False

    with pytest.raises(NotPermittedError, match="embedded"):
        add_demo_people(actor=SYSTEM)


def test_pages_look_names_up_by_id_in_one_query(ada, mallory, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = names([ada.pk, f"person:{mallory.pk}", "0" * 16])

    assert {key: person.name for key, person in found.items()} == {ada.pk: "Ada Lovelace", mallory.pk: "Mallory"}


def test_the_command_adds_a_person(capsys):
    call_command("person", "add", "Grace Hopper", "--role", "approver", "operator", "--json")
    shown = json.loads(capsys.readouterr().out)

    assert (shown["handle"], shown["roles"]) == ("grace-hopper", ["approver", "operator"])
    call_command("person", "add", "Grace Hopper", "--role", "manager", "--handle", "grace")
    assert "known as grace" in capsys.readouterr().out
    with pytest.raises(CommandError, match="taken"):
        call_command("person", "add", "Grace", "--role", "manager")
