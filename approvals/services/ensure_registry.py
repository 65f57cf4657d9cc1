"""Make the first key registry, and keep it in step with the address of the console."""

from datetime import timedelta

from django.db import IntegrityError, transaction

from approvals import bundles, edits, registry, roots
from approvals import registry_documents as documents
from approvals.models import Draft, DraftState, PolicyVersion, RegistryVersion
from approvals.origins import has_only_moved_port, signing_url
from approvals.permissions import grants
from approvals.services.open_draft import open_draft
from approvals.services.publish_registry import publish_first
from audit import ledger
from core import clock
from core.actors import Actor
from core.errors import NotPermittedError
from core.permissions import Permission
from people.models import Person
from proof.documents import parse_policy
from proof.registry import Registry

RENEWED_BEFORE = timedelta(days=30)


def ensure_registry(*, actor: Actor) -> RegistryVersion:
    """The registry in force; at the first start version 1 is made: the root key, the service keys, the people so far.

    When the address has moved, the next version names the new relying party: at once in first use, else as a draft that
    key-admins co-sign. Keys keep the site that they were made for; on this computer they follow it to another port.
    Again is harmless, also at the same time from several processes.

    Raises:
        NotPermittedError: The actor may not set up keys.
        RefusedError: The stored registry does not hold.
    """
    if not grants.allow(Permission.POLICY_ACTIVATE, actor):
        detail = "Only a command on this computer, a key-admin or an admin sets up the key registry."
        raise NotPermittedError(detail)
    if not RegistryVersion.objects.exists():
        try:
            return _first(actor=actor)
        except IntegrityError:  # another process was faster
            pass
    _in_step(actor=actor)
    return RegistryVersion.objects.latest("version")


@transaction.atomic
def _first(*, actor: Actor) -> RegistryVersion:
    people = Person.objects.filter(is_active=True).order_by("pk")
    document = documents.first(people, audience=_audience(), created_at=clock.now())
    return publish_first(document, actor=actor, why="first-use")


def _audience() -> str:
    latest = PolicyVersion.objects.order_by("-version").first()
    if latest is None:
        return ""
    return bundles.audience_for(parse_policy(ledger.fetch(latest.sha256)).environment)


@transaction.atomic
def _in_step(*, actor: Actor) -> None:
    found = registry.current()
    party = documents.relying_party_of(signing_url())
    if (found.rp_id, list(found.origins)) != (party["rp_id"], party["origins"]) and not _is_drafted(party):
        moved = bool(found.origins and party["origins"]) and has_only_moved_port(found.origins[0], party["origins"][0])
        open_draft([edits.party(party["rp_id"], party["origins"], moved=moved)], actor=actor, why="address-moved")
        found = registry.current()
    if roots.is_first_use(found) and (renewed := _renewals(found)):
        open_draft(renewed, actor=actor, why="person.renewed")


def _is_drafted(party: documents.Document) -> bool:
    """Whether key-admins are being asked to sign that very address already."""
    stands = Draft.objects.filter(state__in=[DraftState.OPEN, DraftState.WAITING])
    return any(
        edit["op"] == "party" and edit["rp_id"] == party["rp_id"] and edit["origins"] == party["origins"]
        for draft in stands
        for edit in draft.edits
    )


def _renewals(found: Registry) -> list[edits.Edit]:
    """In first use nobody vouches for anybody anew: whoever is still here stays listed."""
    now = clock.now()
    soon, until = clock.rfc3339(now + RENEWED_BEFORE), clock.rfc3339(now + documents.STANDS_FOR)
    here = set(Person.objects.filter(is_active=True).values_list("pk", flat=True))
    return [
        edits.renew(person.person_id, until)
        for person in found.persons
        if person.person_id in here and person.expires_at and person.expires_at < soon
    ]
