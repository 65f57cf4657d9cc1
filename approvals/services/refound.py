"""Found the registry's root anew, when every key of it is lost: a new epoch that others must pin by hand."""

from django.db import transaction

from approvals import drafting, edits, registry, revocations
from approvals import registry_documents as documents
from approvals.models import Draft, DraftState, RegistryVersion
from approvals.services.activate_policy import sign_again
from approvals.services.publish_registry import publish_first
from approvals.services.void_draft import void_draft
from audit import keystore, ledger
from core import clock
from core.actors import SYSTEM, Actor
from core.errors import NotPermittedError
from core.permissions import is_the_host
from proof.keys import key_id_of


@transaction.atomic
def refound(*, actor: Actor) -> RegistryVersion:
    """Begin a new epoch with a new key of this installation as its whole root.

    Nothing that trusted the old root trusts this one: executors and auditors pin it by hand, after asking people, and
    pages say so for 30 days. People and their keys stay listed; what was signed under the old root stays signed. The
    policy is signed anew, which voids what is open.

    Raises:
        NotPermittedError: The actor is not a command on this computer.
    """
    if not is_the_host(actor, None):
        detail = "Only a command on the host founds the root anew: ./manage.py keys refound."
        raise NotPermittedError(detail)
    drafting.lock()
    before = registry.current()
    document = documents.next_after(registry.read(ledger.fetch(before.sha256)), before.sha256, created_at=clock.now())
    revocations.carry(document)
    document["epoch"] = before.epoch + 1
    public = keystore.public_pem(registry.root_name(document["epoch"]))
    document["root"] = {
        "threshold": 1,
        "keys": [{"key_id": key_id_of(public), "public": public, "kind": "installation", "person_id": ""}],
    }
    edits.root_in_step(document)
    for pk in Draft.objects.filter(state__in=[DraftState.OPEN, DraftState.WAITING]).values_list("pk", flat=True):
        void_draft(pk, actor=SYSTEM, note="The root was founded anew. Ask for it again.")
    version = publish_first(document, actor=actor, why="refounded")
    sign_again(actor=actor)  # what the old root signed stands on nothing any more
    ledger.append(
        actor=actor,
        verb="registry.refounded",
        subject=f"registry:{version.version}",
        facts={"epoch": document["epoch"], "root": key_id_of(public)},
        documents={"registry": version.sha256},
    )
    return version
