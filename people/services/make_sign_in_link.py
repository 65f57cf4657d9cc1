"""Hand out a one-time link by which a person signs in, in the embedded mode."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction

from audit import ledger
from core import clock
from core.actors import Actor
from core.errors import NotPermittedError
from core.permissions import Permission
from people import handouts
from people.models import SignInLink
from people.permissions import grants
from people.selectors import active_person

VALID_FOR = timedelta(hours=24)


@transaction.atomic
def make_sign_in_link(handle: str, *, actor: Actor) -> str:
    """Return the token of a link that works once, within a day; it is shown now and never again.

    Raises:
        NotPermittedError: Not in the embedded mode, or not a command on this computer.
        NotFoundError: Nobody active has that handle.
    """
    person = active_person(handle)
    grants.require(Permission.SIGN_IN_LINK_MAKE, actor, person)
    if not settings.EMBEDDED:
        detail = "Sign-in links exist in the embedded mode only. Sign in through your identity provider."
        raise NotPermittedError(detail)

    token, now = handouts.new(), clock.now()
    SignInLink.objects.filter(expires_at__lte=now).delete()
    SignInLink.objects.create(token_sha256=handouts.digest(token), person=person, expires_at=now + VALID_FOR)

    ledger.append(actor=actor, verb="sign-in-link.made", subject=f"person:{person.pk}")
    return token
