"""Find two persons to be one human being: one vote from now on."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from audit import ledger
from core import clock, live
from core.actors import SYSTEM, Actor
from core.errors import BadInputError, RefusedError
from core.permissions import Permission
from people.models import Account, AccountProof, ApiToken, Person
from people.permissions import grants
from people.selectors import locked_person
from people.services.end_sessions import end_sessions

PROOF_COUNTS_FOR = timedelta(days=7)


@transaction.atomic
def link_people(keep: str, other: str, *, actor: Actor) -> Person:
    """Make `other` another name of `keep`: its accounts sign in as `keep`, and it can no longer act by itself.

    It stands in the ledger; the next version of the signed registry says so by `same_as`, from when on the keys of both
    are one person's. Until then they would count twice, so publish it at once.

    Args:
        keep: handle of who they are from now on.
        other: handle of who they were as well.
        actor: an admin who is neither, after one browser showed to hold both; or a command on this computer.

    Raises:
        NotFoundError: Nobody active has one of the handles.
        NotPermittedError: The actor may not, or is one of them.
        BadInputError: They are the same already.
        RefusedError: Nobody showed that both are theirs.
    """
    person, alias = locked_person(keep), locked_person(other)
    grants.require(Permission.PERSON_LINK, actor, person)
    grants.require(Permission.PERSON_LINK, actor, alias)
    if person.pk == alias.pk:
        detail = "These are one person already."
        raise BadInputError(detail)
    proved = _proof(person, alias)
    if not proved and actor.id != SYSTEM.id:
        detail = (
            f"Nobody showed yet that {keep} and {other} are one. Signed in as one, they choose "
            "'Link another account' on their account page and sign in as the other."
        )
        raise RefusedError(detail)

    end_sessions(alias, actor=SYSTEM)
    Account.objects.filter(person=alias).update(person=person)
    ApiToken.objects.filter(person=alias).delete()
    alias.same_as, alias.is_active = person, False
    alias.save(update_fields=["same_as", "is_active"])

    ledger.append(
        actor=actor,
        verb="person.linked",
        subject=f"person:{alias.pk}",
        about=[f"person:{person.pk}"],
        facts={"same_as": person.pk, "how": "both proved" if proved else "said by the host"},
    )
    live.changed("people")
    return person


def _proof(one: Person, two: Person) -> bool:
    pair = Q(person=one, other=two) | Q(person=two, other=one)
    return AccountProof.objects.filter(pair, proved_at__gte=clock.now() - PROOF_COUNTS_FOR).exists()
