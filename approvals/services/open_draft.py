"""Ask for the next version of the registry: at once in first use, else as a draft that key-admins co-sign."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from approvals import drafting, registry, roots
from approvals.models import Draft, DraftKind, DraftState
from approvals.services.publish_draft import publish_if_complete
from approvals.services.void_draft import void_open
from audit import ledger
from core import live
from core.actors import Actor


@transaction.atomic
def open_draft(changes: Sequence[Mapping[str, Any]], *, actor: Actor, why: str) -> Draft:
    """Ask that the registry say this; callers have asked whether the actor may.

    While the installation's own key is the whole root, the next version is published at once: trust on first use, which
    the pages say loudly. Once the root is people, it is published when enough of them have signed. One draft is open at
    a time, and others wait for it.

    Args:
        changes: what the next version says otherwise (`approvals.edits`).
        actor: who asks.
        why: the verb behind it, such as `key.enrolled`.

    Raises:
        NotFoundError: There is no registry yet, or it does not list what this is about.
        RefusedError: It cannot be done.
        BadInputError: What would come out is not a registry.
    """
    drafting.lock()
    draft = drafting.new(DraftKind.REGISTRY, asked_by=actor.id, why=why, changes=changes)
    found = registry.current()
    at_once = roots.is_first_use(found) and not any(change["op"] == "root" for change in changes)
    if at_once:
        void_open(DraftKind.REGISTRY, actor=actor, note="Another version was published meanwhile. Open it again.")
    if at_once or not Draft.objects.filter(kind=DraftKind.REGISTRY, state=DraftState.OPEN).exists():
        drafting.build(draft)
    else:
        drafting.dumps(drafting.next_document(found, changes, created_at=draft.opened_at))  # refuse now what never can
    draft.save()
    if not publish_if_complete(draft, actor=actor):
        ledger.append(
            actor=actor,
            verb="keys.drafted",
            subject=f"draft:{draft.pk}",
            facts={"why": why, "edits": [dict(change) for change in changes]},
            documents={"registry": draft.document_sha256} if draft.document_sha256 else {},
        )
        live.changed("keys")
    return draft
