"""Hand out a bearer token for the REST API."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction

from audit import ledger
from core import clock
from core.actors import Actor
from core.errors import BadInputError
from core.permissions import Permission
from people import handouts
from people.models import ApiToken
from people.permissions import grants
from people.scopes import SCOPES
from people.selectors import active_person

VALID_FOR = timedelta(days=365)


@transaction.atomic
def add_token(
    handle: str, scopes: Iterable[str], *, actor: Actor, label: str = "", valid_for: timedelta = VALID_FOR
) -> str:
    """Return a new token with these scopes; it is shown now and never again.

    Raises:
        NotFoundError: Nobody active has that handle.
        NotPermittedError: The token would be somebody else's.
        BadInputError: No scope, or one that is not in the list.
    """
    person = active_person(handle)
    grants.require(Permission.TOKEN_ADD, actor, person)
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= set(SCOPES):
        detail = f"A token needs scopes. There are {', '.join(SCOPES)}."
        raise BadInputError(detail, scopes=wanted)

    token, now = handouts.new(), clock.now()
    ApiToken.objects.create(
        token_sha256=handouts.digest(token),
        person=person,
        label=label.strip()[:80],
        scopes=wanted,
        created_at=now,
        expires_at=now + valid_for,
    )

    ledger.append(actor=actor, verb="token.added", subject=f"person:{person.pk}", facts={"scopes": wanted})
    return token
