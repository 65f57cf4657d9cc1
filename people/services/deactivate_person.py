"""Let a person in no longer: sessions, tokens and links end at once."""

from django.db import transaction

from audit import ledger
from core import live
from core.actors import SYSTEM, Actor
from core.permissions import Permission
from people.models import ApiToken, Person, SignInLink
from people.permissions import grants
from people.selectors import locked_person
from people.services.end_sessions import end_sessions


@transaction.atomic
def deactivate_person(handle: str, *, actor: Actor, why: str = "") -> Person:
    """Deactivate a person. Their keys are revoked apart, by a key-admin: what they signed before stays valid.

    Raises:
        NotFoundError: Nobody active has that handle.
        NotPermittedError: The actor may not, or it is they themselves.
    """
    person = locked_person(handle)
    grants.require(Permission.PERSON_DEACTIVATE, actor, person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    end_sessions(person, actor=SYSTEM)
    ApiToken.objects.filter(person=person).delete()
    SignInLink.objects.filter(person=person).delete()

    facts = {"handle": person.handle, "why": why[:200]}
    ledger.append(actor=actor, verb="person.deactivated", subject=f"person:{person.pk}", facts=facts)
    live.changed("people")
    return person
