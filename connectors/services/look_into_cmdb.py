"""Look what a CMDB has of services, before any of it is entered."""

from django.db import transaction

from connectors.models import Bond, Connection, ServiceImport
from core import clock, doorbell, live
from core.actors import Actor
from core.errors import NotFoundError, WrongStateError
from core.permissions import Permission
from incidents.permissions import grants

KIND = "servicenow"


@transaction.atomic
def look_into_cmdb(name: str, *, actor: Actor) -> ServiceImport:
    """Have a worker read its services and say what entering them would do. It changes nothing, so nothing is recorded.

    Raises:
        NotPermittedError: The actor is a person without the admin's role.
        NotFoundError: No ServiceNow is connected by that name.
        WrongStateError: It is under way already, or the other side asked us to wait.
    """
    grants.require(Permission.SERVICE_REGISTER, actor)
    active = Connection.objects.select_for_update().filter(kind=KIND, is_active=True)
    connection = active.filter(name=name.replace("\x00", "?")).first()
    if connection is None:
        detail = f"No ServiceNow is connected by the name {name[:80]!r}."
        raise NotFoundError(detail)
    known = ServiceImport.objects.filter(connection=connection).first()
    if known is not None and known.is_under_way:
        detail = f"An import from {name} is under way. Wait until it is over."
        raise WrongStateError(detail)
    bond, now = Bond.objects.filter(connection=connection).first(), clock.now()
    if bond is not None and bond.paused_until and bond.paused_until > now:
        detail = f"Nothing is asked of {name} before {bond.paused_until:%d %b %H:%M:%S} UTC. {bond.error}"
        raise WrongStateError(detail)

    if known is not None:
        known.delete()
    made = ServiceImport.objects.create(connection=connection, asked_by=actor.id, began_at=now)

    live.changed("sources")
    doorbell.ring("connectors.imports", queue="background")
    return made
