"""Enter into the catalogue what a look into a CMDB found."""

from collections import Counter
from datetime import timedelta

from django.db import transaction

from audit import ledger
from connectors.models import ImportState, ServiceImport
from core import clock, doorbell, live
from core.actors import Actor
from core.errors import NotFoundError, WrongStateError
from core.permissions import Permission
from incidents.permissions import grants

FRESH = timedelta(hours=1)


@transaction.atomic
def enter_found(name: str, *, actor: Actor) -> ServiceImport:
    """Have a worker register what was looked at, and nothing else; each service that changes is a record of its own.

    Raises:
        NotPermittedError: The actor is a person without the admin's role.
        NotFoundError: Nobody has looked into a CMDB by that name.
        WrongStateError: The look is not over, or too long ago.
    """
    grants.require(Permission.SERVICE_REGISTER, actor)
    active = ServiceImport.objects.select_for_update(of=("self",)).filter(connection__is_active=True)
    found = active.filter(connection__name=name.replace("\x00", "?")).first()
    if found is None:
        detail = f"Look first what {name[:80]!r} has."
        raise NotFoundError(detail)
    now = clock.now()
    if found.state != ImportState.READY or found.looked_at is None or now - found.looked_at > FRESH:
        detail = "There is no look of the last hour to enter. Look again."
        raise WrongStateError(detail)

    found.state, found.position, found.held_until = ImportState.ENTERING, 0, None
    found.asked_by, found.began_at = actor.id, now
    found.save(update_fields=["state", "position", "held_until", "asked_by", "began_at"])

    count = Counter(one["kind"] for one in found.found or ())
    facts = {"named": name, "new": count["new"], "changed": count["changed"]}
    ledger.append(actor=actor, verb="connection.imported", subject=f"connection:{name}", facts=facts)
    live.changed("sources")
    doorbell.ring("connectors.imports", queue="background")
    return found
