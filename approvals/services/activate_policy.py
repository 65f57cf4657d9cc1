"""Put a policy in force: a new, signed version of the bundle; open requests are voided and asked again.

The bundle is signed with this installation's root key (keystore `root`), on the word of whoever may activate it. The
owner's own signature on a policy comes with the threshold rules for key-admins.
"""

from pathlib import Path

from django.db import transaction

from approvals import bundles, registry
from approvals import registry_documents as documents
from approvals.models import PolicyVersion
from approvals.permissions import grants
from approvals.services.publish_registry import publish_registry
from approvals.services.void import void_pending
from audit import keystore, ledger
from core import clock, live
from core.actors import POLICY, Actor
from core.permissions import Permission
from proof.documents import POLICY_PAYLOAD
from proof.multisig import sign_with_ed25519


@transaction.atomic
def activate_policy(source: str | Path, *, actor: Actor) -> PolicyVersion:
    """Activate a shipped policy by name, or one from a file; if it says what is in force already, nothing happens.

    Raises:
        NotPermittedError: The actor is neither a key-admin, nor an admin, nor a command on this computer.
        NotFoundError: There is no such policy.
        BadInputError: It is not a policy; the sentence says what is wrong.
    """
    PolicyVersion.objects.select_for_update().filter(version=1).first()  # one activation at a time
    latest = PolicyVersion.objects.order_by("-version").first()
    grants.require(Permission.POLICY_ACTIVATE, actor)
    content = bundles.content_of(source)
    if latest is not None and bundles.says_the_same(ledger.fetch(latest.sha256), content):
        return latest

    now, version = clock.now(), latest.version + 1 if latest else 1
    data = bundles.document_of(content, version=version, created_at=now)
    signature = sign_with_ed25519(keystore.private("root"), POLICY_PAYLOAD, data)
    active = PolicyVersion.objects.create(
        version=version,
        sha256=ledger.keep(POLICY_PAYLOAD, data),
        signature_sha256=ledger.keep("application/json", signature),
        created_at=now,
    )
    _let_policy_speak_to(bundles.audience_for(str(content["environment"])), actor=actor)
    voided = void_pending(actor=POLICY, why=f"Policy {version} came into force; it is asked again under the new rules.")

    ledger.append(
        actor=actor,
        verb="policy.activated",
        subject=f"policy:{version}",
        facts={"version": version, "environment": str(content["environment"]), "voided": voided},
        documents={"policy": active.sha256, "signature": active.signature_sha256},
    )
    live.changed("queue", "policy")
    return active


def _let_policy_speak_to(audience: str, *, actor: Actor) -> None:
    """The registry binds the key of automatic decisions to the one environment that the policy is for."""
    chain = registry.chain()
    if chain and documents.audience_of_policy(registry.read(chain[-1][0])) != audience:
        publish_registry(
            lambda document: documents.let_policy_speak_to(document, audience), actor=actor, why="policy.activated"
        )
