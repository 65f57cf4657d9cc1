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
    now = clock.now()
    fresh = SignInLink.objects.filter(
        pk=handouts.digest(token), used_at__isnull=True, expires_at__gt=now, person__is_active=True
    )
    # The update itself decides: the database lets one of two through.
    if not settings.EMBEDDED or fresh.update(used_at=now) != 1:
        detail = "This link was used already, or is older than a day. Start the console again for a new one."
        raise NotSignedInError(detail)

    person = Person.objects.get(signinlink__pk=handouts.digest(token))
    ledger.append(actor=person.as_actor(), verb="sign-in-link.used", subject=f"person:{person.pk}")
    return person
