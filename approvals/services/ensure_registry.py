"""Make the first key registry, and keep it in step with the address of the console."""

from django.conf import settings
from django.db import IntegrityError, transaction

from approvals import bundles, registry
from approvals import registry_documents as documents
from approvals.models import PolicyVersion, RegistryVersion
from approvals.permissions import grants
from approvals.services.publish_registry import publish_registry, save
from audit import ledger
from core import clock
from core.actors import Actor
from core.errors import NotPermittedError
from core.permissions import Permission
from people.models import Person
from proof.documents import parse_policy


def ensure_registry(*, actor: Actor) -> RegistryVersion:
    """The registry in force; at the first start version 1 is made: the root key, the service keys, the people so far.

    When PUBLIC_URL has moved, the next version names the new relying party; keys keep the one they were made for.
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
    return _in_step(actor=actor)


@transaction.atomic
def _first(*, actor: Actor) -> RegistryVersion:
    people = Person.objects.filter(is_active=True).order_by("pk")
    document = documents.first(people, audience=_audience(), created_at=clock.now())
    version, _ = save(document, [], actor=actor, why="first-use")
    return version


def _audience() -> str:
    latest = PolicyVersion.objects.order_by("-version").first()
    if latest is None:
        return ""
    return bundles.audience_for(parse_policy(ledger.fetch(latest.sha256)).environment)


def _in_step(*, actor: Actor) -> RegistryVersion:
    found = registry.read(registry.chain()[-1][0])
    party = documents.relying_party_of(settings.PUBLIC_URL)
    if found["rp"] != party:
        version, _ = publish_registry(lambda document: document.update(rp=party), actor=actor, why="address-moved")
        return version
    return RegistryVersion.objects.latest("version")
