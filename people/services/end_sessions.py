"""End browser sessions: one of a person's, or all of them; their sockets close with them."""

from django.contrib.sessions.models import Session
from django.db import transaction

from audit import ledger
from core import live
from core.actors import Actor
from core.permissions import Permission
from people.models import BrowserSession, Person
from people.permissions import grants


@transaction.atomic
def end_sessions(person: Person, *, actor: Actor, only: str = "", but: str = "") -> int:
    """End the person's sessions and return how many there were.

    Args:
        person: whose.
        actor: the person, an admin, or a command on this computer.
        only: public id of the one to end; all of them unless given.
        but: public id of one to leave alone.

    Raises:
        NotPermittedError: They are somebody else's.
    """
    grants.require(Permission.SESSION_END, actor, person)
    rows = BrowserSession.objects.filter(person=person).exclude(pk=but)
    ending = list(rows.filter(pk=only) if only else rows)
    Session.objects.filter(session_key__in=[row.session_key for row in ending]).delete()
    BrowserSession.objects.filter(pk__in=[row.pk for row in ending]).delete()

    if ending:
        facts = {"sessions": len(ending)}
        ledger.append(actor=actor, verb="session.ended", subject=f"person:{person.pk}", facts=facts)
        live.ended(*(row.pk for row in ending))
    return len(ending)
