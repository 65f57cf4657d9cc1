"""Empty what the tables hold about a person; the random id stays, because records name it."""

from django.db import transaction
from django.db.models import Q

from core import live
from core.actors import SYSTEM
from people.models import Account, AccountProof, ApiToken, Person, RoleGrant, SignInLink, SignInPasskey
from people.services.end_sessions import end_sessions

NAME = "Erased person"


@transaction.atomic
def forget(person_id: str) -> None:
    """Take name, handle, team, accounts, passkeys, tokens and roles away; only an ordered erasure calls this.

    It writes no entry of its own: `person.erased` is written in the same transaction.
    """
    person = Person.objects.select_for_update().filter(pk=person_id).first()
    if person is None:
        return
    end_sessions(person, actor=SYSTEM)
    AccountProof.objects.filter(Q(person=person) | Q(other=person)).delete()
    Account.objects.filter(person=person).delete()
    SignInPasskey.objects.filter(person=person).delete()
    ApiToken.objects.filter(person=person).delete()
    SignInLink.objects.filter(person=person).delete()
    RoleGrant.objects.filter(person=person).delete()
    person.name, person.handle, person.team, person.is_active = NAME, f"erased-{person.pk}", "", False
    person.email = ""
    person.save(update_fields=["name", "handle", "team", "is_active", "email"])
    live.changed("people")
