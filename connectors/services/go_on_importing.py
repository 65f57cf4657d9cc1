"""Go on with imports from CMDBs, a bounded time each."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from connectors.importing import Difference, difference, enter, needs_there, services_there
from connectors.models import ImportState, ServiceImport
from connectors.servicenow.cmdb import Found
from connectors.services.import_services import MOST
from connectors.ticket_errors import LaterError
from connectors.ticketing import servicenow
from core import clock, doorbell, live
from core.actors import SYSTEM, Actor
from core.errors import ConsoleError, NotPermittedError
from core.permissions import Permission
from incidents.permissions import grants
from people.models import Person

FOR_S, SAVED_EVERY_S = 10.0, 1.0
HOLD = timedelta(minutes=2)
"""Longer than nothing is saved; after a crash another worker goes on then."""
LONGEST = timedelta(minutes=30)
FIELDS = ("sys_id", "slug", "name", "environment", "criticality", "team")


def go_on_importing() -> int:
    """Go on with each import that is under way, for some seconds; returns how many were.

    Safe beside others and after any crash: each is held by one worker, and what is done twice is the same.
    """
    gone_on = 0
    for pk in list(ServiceImport.due(clock.now()).order_by("pk").values_list("pk", flat=True)):
        if ServiceImport.due(clock.now()).filter(pk=pk).update(held_until=clock.now() + HOLD):
            # read once it is ours: another worker may have gone on with it a moment ago
            _go_on(ServiceImport.objects.select_related("connection").get(pk=pk))
            gone_on += 1
    return gone_on


def _go_on(one: ServiceImport) -> None:
    if clock.now() - one.began_at > LONGEST:
        _fail(one, f"It was not over after {LONGEST.seconds // 60} minutes.")
        return
    try:
        actor = _asker(one.asked_by)
        is_over = _looked(one) if one.state == ImportState.LOOKING else _entered(one, actor)
    except LaterError as error:
        _fail(one, f"{error.detail} Try again after {error.at:%d %b %H:%M} UTC." if error.at else error.detail)
        return
    except ConsoleError as error:
        _fail(one, error.detail)
        return
    if not is_over:
        _save(one, None)
        doorbell.ring("connectors.imports", queue="background")


def _asker(id_: str) -> Actor:
    """Who asked, with what they may now."""
    if id_ == SYSTEM.id:
        return SYSTEM
    person = Person.objects.filter(pk=id_.removeprefix("person:")).first()
    if person is None:
        detail = "Whoever asked for it is not here any more."
        raise NotPermittedError(detail)
    grants.require(Permission.SERVICE_REGISTER, person.as_actor())
    return person.as_actor()


def _looked(one: ServiceImport) -> bool:
    """Read what is there; whether all of it is read."""
    service = servicenow(one.connection)
    if one.found is None:
        found, one.left = services_there(service, one.connection.environment, MOST)
        one.found = [asdict(each) for each in found]
        _save(one, one.held_until)
    slugs = {row["sys_id"]: row["slug"] for row in one.found}

    def look(row: dict[str, Any]) -> Difference:
        needed, said = needs_there(service, _found(row), slugs)
        row["needs"] = sorted(needed)
        one.left += said
        return difference(_found(row), needed)

    if not _walked(one, look):
        return False
    one.state, one.looked_at = ImportState.READY, clock.now()
    _save(one, None)
    return True


def _entered(one: ServiceImport, actor: Actor) -> bool:
    """Register what was looked at; whether all of it is."""
    if not _walked(one, lambda row: enter(_found(row), set(row["needs"]), actor=actor)):
        return False
    one.state, one.ended_at = ImportState.DONE, clock.now()
    _save(one, None)
    return True


def _walked(one: ServiceImport, deed: Callable[[dict[str, Any]], Difference]) -> bool:
    """Do it to each row from where it stands, for some seconds; whether the end was reached."""
    rows: list[dict[str, Any]] = one.found or []
    began = saved = clock.monotonic()
    while one.position < len(rows):
        row = rows[one.position]
        done = deed(row)
        row["kind"], row["what"] = done.kind, list(done.what)
        one.position += 1
        now = clock.monotonic()
        if now - began > FOR_S:
            return one.position == len(rows)
        if now - saved > SAVED_EVERY_S:
            _save(one, one.held_until)
            saved = now
    return True


def _found(row: dict[str, Any]) -> Found:
    return Found(**{name: row[name] for name in FIELDS})


def _fail(one: ServiceImport, why: str) -> None:
    one.state, one.error, one.ended_at = ImportState.FAILED, why[:500], clock.now()
    _save(one, None)


def _save(one: ServiceImport, held_until: datetime | None) -> None:
    """Write down how far it is, where it is still ours, and keep hold of it or let it go."""
    names = ("state", "found", "position", "left", "error", "looked_at", "ended_at")
    ours = ServiceImport.objects.filter(pk=one.pk, held_until=one.held_until)
    held = clock.now() + HOLD if held_until else None
    if ours.update(**{name: getattr(one, name) for name in names}, held_until=held):
        one.held_until = held
        live.changed("sources")
