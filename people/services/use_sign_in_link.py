"""Let a person in by a one-time link."""

from django.conf import settings
from django.db import transaction

from audit import ledger
from core import clock
from core.errors import NotSignedInError
from people import handouts
from people.models import Person, SignInLink


@transaction.atomic
def use_sign_in_link(token: str) -> Person:
    """Use the link up and return its person. Of two who use it at once, one comes in.

    Raises:
        NotSignedInError: The link is unknown, used, or older than a day, or the console does not take links.
    """
    link = SignInLink.objects.filter(pk=handouts.digest(token))
    # The update decides, by columns of this one row: PostgreSQL re-reads them after waiting for another's commit.
    # A condition on the person would become a sub-query, which it does not re-read, and two would come in.
    used = link.filter(used_at__isnull=True, expires_at__gt=clock.now()).update(used_at=clock.now())
    person = Person.objects.filter(signinlink__in=link, is_active=True).first()
    if not settings.EMBEDDED or used != 1 or person is None:
        detail = "This link was used already, or is older than a day. Start the console again for a new one."
        raise NotSignedInError(detail)

    ledger.append(actor=person.as_actor(), verb="person.signed_in", subject=f"person:{person.pk}")
    return person
