"""Follow the ledger: what happened to people, so that the registry comes to say so too."""

import logging

from approvals.models import RegistryVersion
from approvals.services.change_registry import bring_in_step, link_persons
from audit import ledger
from audit.services.follow import FollowedEntry
from core.actors import SYSTEM
from core.errors import ConsoleError
from people.models import Person

log = logging.getLogger(__name__)

FOLLOWER = "approvals"
LINKED = "person.linked"
NOTICED = frozenset({"person.deactivated", "role.granted", "role.withdrawn", LINKED})


def follow_people() -> int:
    """Take what is new in the ledger, each entry once; returns how many."""
    return ledger.follow(FOLLOWER, notice, verbs=NOTICED)


def notice(entry: FollowedEntry) -> None:
    """React to one entry; what the registry cannot say is logged, and the page of keys shows the difference."""
    noun, _, person_id = entry.subject.partition(":")
    if noun != "person" or entry.verb not in NOTICED or not RegistryVersion.objects.exists():
        return
    try:
        if entry.verb == LINKED:
            link_persons(person_id, str(entry.facts["same_as"]), actor=SYSTEM)
            return
        person = Person.objects.filter(pk=person_id).first()
        if person is not None:
            bring_in_step(person, actor=SYSTEM, why=entry.verb)
    except ConsoleError as error:
        log.warning("the registry could not follow", extra={"verb": entry.verb, "why": error.detail})
