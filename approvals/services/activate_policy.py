"""Put a policy in force: a new version of the bundle, signed by the registry's root; open requests are asked again.

In first use the installation's own key signs at once, on the word of whoever may activate it. Once the root is people,
activating opens a draft, and the policy comes into force when enough of them have signed. Going back is a new version.
"""

from pathlib import Path
from typing import Any

from django.db import transaction

from approvals import activation, bundles, drafting, registry
from approvals.models import Draft, DraftKind, DraftState, PolicyVersion
from approvals.permissions import grants
from approvals.services.open_draft import open_draft
from approvals.services.publish_draft import publish_if_complete
from audit import ledger
from core import clock, live
from core.actors import Actor
from core.errors import WrongStateError
from core.permissions import Permission
from proof.documents import POLICY_PAYLOAD


@transaction.atomic
def activate_policy(source: str | Path, *, actor: Actor) -> PolicyVersion | Draft:
    """Activate a shipped policy by name, or one from a file; if it says what is in force already, nothing happens.

    Returns:
        The version in force, or the draft that key-admins have to sign.

    Raises:
        NotPermittedError: The actor is neither a key-admin, nor an admin, nor a command on this computer.
        NotFoundError: There is no such policy.
        BadInputError: It is not a policy; the sentence says what is wrong.
        WrongStateError: Another policy is being signed.
    """
    drafting.lock()
    latest = PolicyVersion.objects.order_by("-version").first()
    grants.require(Permission.POLICY_ACTIVATE, actor)
    content = bundles.content_of(source)
    if latest is not None and bundles.says_the_same(ledger.fetch(latest.sha256), content):
        return latest
    if Draft.objects.filter(kind=DraftKind.POLICY, state=DraftState.OPEN).exists():
        detail = "Another policy is being signed. Sign it or void it first: ./manage.py keys drafts."
        raise WrongStateError(detail)

    return _draft(content, latest.version + 1 if latest else 1, actor=actor)


@transaction.atomic
def sign_again(*, actor: Actor) -> PolicyVersion | Draft | None:
    """Put what is in force in force anew, under the root that there is now; None if there is no policy yet.

    Raises:
        NotPermittedError: The actor is neither a key-admin, nor an admin, nor a command on this computer.
    """
    drafting.lock()
    grants.require(Permission.POLICY_ACTIVATE, actor)
    latest = PolicyVersion.objects.order_by("-version").first()
    if latest is None:
        return None
    return _draft(bundles.said_in(ledger.fetch(latest.sha256)), latest.version + 1, actor=actor)


def _draft(content: dict[str, Any], version: int, *, actor: Actor) -> PolicyVersion | Draft:
    data = bundles.document_of(content, version=version, created_at=clock.now())
    draft = drafting.new(DraftKind.POLICY, asked_by=actor.id, why="policy.activated")
    drafting.open_with(draft, data, version, POLICY_PAYLOAD, registry.current())
    draft.save()
    _let_policy_speak(str(content["environment"]), actor=actor)
    if publish_if_complete(draft, actor=actor):
        return PolicyVersion.objects.get(version=version)
    ledger.append(
        actor=actor,
        verb="keys.drafted",
        subject=f"draft:{draft.pk}",
        facts={"why": "policy.activated", "version": version},
        documents={"policy": draft.document_sha256},
    )
    live.changed("keys", "policy")
    return draft


def _let_policy_speak(environment: str, *, actor: Actor) -> None:
    """Bind the key of automatic decisions to the one environment that the policy is for.

    Where key-admins co-sign, the one may come before the other; until both are there the key decides nothing.
    """
    asked = activation.audience_edits(environment)
    if asked:
        open_draft(asked, actor=actor, why="policy.activated")
