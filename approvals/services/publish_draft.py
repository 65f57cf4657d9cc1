"""Publish a draft whose signatures are complete, do what follows from it, and let the next one have its turn."""

from django.db import transaction

from approvals import drafting, listing, registry
from approvals.activation import put_in_force
from approvals.models import Draft, DraftKind, DraftState, PolicyVersion, RegistryVersion
from approvals.services.void_draft import void_draft
from audit import ledger
from core import clock, live
from core.actors import SYSTEM, Actor
from core.errors import BadInputError, ConsoleError
from proof.multisig import parse_signatures
from proof.registry import RegistryError, parse_chain


@transaction.atomic
def publish_if_complete(draft: Draft, *, actor: Actor) -> bool:
    """Publish an open draft if the root in force and its own have signed it; says whether it was.

    Raises:
        BadInputError: The signatures are there and the whole does not hold all the same; nothing is published.
    """
    if draft.state != DraftState.OPEN or not drafting.progress(draft).is_complete:
        return False
    draft.state = DraftState.PUBLISHED
    draft.settled_at = clock.now()
    draft.save()
    if draft.kind == DraftKind.REGISTRY:
        _publish_registry(draft, actor)
        _open_next(actor)
    else:
        _publish_policy(draft, actor)
    live.changed("keys", "queue", "policy")
    return True


def _publish_registry(draft: Draft, actor: Actor) -> RegistryVersion:
    data, signatures = drafting.content(draft), bytes(draft.signature_file)
    try:
        parse_chain([*registry.epoch_chain(), (data, signatures)], root_public=registry.root_public())
    except RegistryError as error:
        detail = f"The registry cannot be published like that: {error}"
        raise BadInputError(detail) from error
    version = RegistryVersion.objects.create(
        version=draft.version,
        sha256=draft.document_sha256,
        signature_sha256=ledger.keep(drafting.MEDIA_TYPE, signatures),
        created_at=clock.from_rfc3339(registry.read(data)["created_at"]),
    )
    ledger.append(
        actor=actor,
        verb="registry.published",
        subject=f"registry:{version.version}",
        facts={"why": draft.why, "version": version.version, "draft": draft.pk, "signed_by": _signers(draft)},
        documents={"registry": version.sha256, "signature": version.signature_sha256},
    )
    for edit in draft.edits:
        listing.follow(edit, version, asked_by=draft.asked_by)
    return version


def _publish_policy(draft: Draft, actor: Actor) -> None:
    signatures = ledger.keep(drafting.MEDIA_TYPE, bytes(draft.signature_file))
    version = PolicyVersion.objects.create(
        version=draft.version,
        sha256=draft.document_sha256,
        signature_sha256=signatures,
        created_at=clock.now(),
    )
    put_in_force(version, actor=actor, signed_by=_signers(draft))


def _open_next(actor: Actor) -> None:
    """Build the draft that has waited longest; one that no longer makes sense is voided, and the next has its turn."""
    for waiting in Draft.objects.filter(kind=DraftKind.REGISTRY, state=DraftState.WAITING).order_by("pk"):
        try:
            drafting.build(waiting)
        except ConsoleError as error:
            void_draft(waiting.pk, actor=SYSTEM, note=f"It no longer applies: {error.detail}")
            continue
        waiting.save()
        if not publish_if_complete(waiting, actor=actor):
            return


def _signers(draft: Draft) -> list[str]:
    return [item.key_id for item in parse_signatures(bytes(draft.signature_file)).signatures]
