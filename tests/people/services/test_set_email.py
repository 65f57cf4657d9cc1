"""Where receipts go: an address that the ledger never holds (service `set_email`)."""

import pytest

from audit.models import Entry
from core.actors import SYSTEM, Role
from core.errors import BadInputError, NotPermittedError
from people.models import Person
from people.services.add_person import add_person
from people.services.forget import forget
from people.services.set_email import set_email

pytestmark = pytest.mark.django_db


def test_an_address_is_noted_and_never_written_into_the_ledger():
    ada = add_person("ada", "Ada", [Role.OPERATOR], actor=SYSTEM)

    set_email("ada", "ada@shop.invalid", actor=SYSTEM)

    ada.refresh_from_db()
    assert ada.email == "ada@shop.invalid"
    assert all(b"shop.invalid" not in bytes(entry.facts) + bytes(entry.body) for entry in Entry.objects.all())


def test_what_is_no_address_is_refused_and_strangers_set_none():
    ada = add_person("ada", "Ada", [Role.OPERATOR], actor=SYSTEM)

    with pytest.raises(BadInputError):
        set_email("ada", "not an address", actor=SYSTEM)
    with pytest.raises(NotPermittedError):
        set_email("ada", "ada@shop.invalid", actor=ada.as_actor())


def test_an_erased_person_has_none():
    ada = add_person("ada", "Ada", [Role.OPERATOR], actor=SYSTEM)
    set_email("ada", "ada@shop.invalid", actor=SYSTEM)

    forget(ada.pk)

    assert Person.objects.get(pk=ada.pk).email == ""
