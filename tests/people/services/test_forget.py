"""After an erasure (forget, list_for_erasure) the tables know a random id and nothing else."""

import pytest
from django.db import connection

from audit.models import Entry
from core.actors import SYSTEM, Role
from core.errors import WrongStateError
from people.models import Account, ApiToken, Person, SignInLink
from people.services.add_person import add_person
from people.services.forget import NAME, forget
from people.services.list_for_erasure import list_for_erasure

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    person = add_person("ada", "Ada Lovelace", [Role.OPERATOR], team="shop", actor=SYSTEM)
    Account.objects.create(
        issuer="https://id.example", subject="ada@example", person=person, name="Ada", created_at=person.created_at
    )
    return person


def test_nothing_of_the_person_is_left_in_their_tables(ada):
    forget(ada.pk)

    person = Person.objects.get(pk=ada.pk)
    assert (person.name, person.team, person.is_active) == (NAME, "", False)
    assert "ada" not in person.handle.removesuffix(person.pk)
    for model in (Account, ApiToken, SignInLink):
        assert not model.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, handle, team FROM people_person")
        assert "Lovelace" not in str(cursor.fetchall())


def test_it_is_done_once_and_for_nobody_harmless(ada):
    forget(ada.pk)
    forget(ada.pk)
    forget("nobody")

    assert Person.objects.get(pk=ada.pk).name == NAME


def test_the_list_counts_what_holds_facts_about_the_person(ada):
    listed = list_for_erasure("ada")

    assert listed.person_id == ada.pk
    assert listed.entries == Entry.objects.filter(subject=f"person:{ada.pk}").exclude(facts=b"{}").count()


def test_a_person_of_whom_nothing_is_recorded_has_no_list():
    Person.objects.create(id="0" * 16, handle="new", name="New", created_at="2026-01-01T00:00:00Z")

    with pytest.raises(WrongStateError, match="no facts"):
        list_for_erasure("new")
