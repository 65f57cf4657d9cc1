"""Review somebody else's override: a signed act that says whether it was right."""

from typing import Any, Final

from approvals import overriding, registry
from approvals.acts import Signed, noun_of
from approvals.models import Override, OverrideReview
from audit import ledger
from core import clock, live
from core.actors import Actor
from core.errors import BadInputError, NotFoundError, NotPermittedError, RefusedError
from proof.documents import Act
from proof.overrides import OBJECTED, UPHELD
from proof.registry_document import APPROVER

VERDICTS: Final = (UPHELD, OBJECTED)


def may_review(act: Act, actor: Actor) -> None:
    """Whether this person may review this override: another approver, who has not done so yet.

    Raises:
        BadInputError: It names no override, or no verdict.
        NotFoundError: The ledger holds no such override.
        NotPermittedError: The person is no approver.
        RefusedError: It is their own, or they reviewed it already.
    """
    digest = noun_of(act, "override")
    if act.value("override") != digest or act.value("verdict") not in VERDICTS:
        detail = "A review names the override as in its subject, and says `upheld` or `objected`."
        raise BadInputError(detail)
    used = next((one for one in overriding.used() if one.statement_sha256 == digest), None)
    if used is None:
        detail = "The ledger holds no such override."
        raise NotFoundError(detail)
    current = registry.current()
    person = current.person(actor.name)
    if person is None or APPROVER not in person.roles:
        detail = "Approvers review overrides."
        raise NotPermittedError(detail)
    if current.canonical_person(actor.name) == current.canonical_person(used.person_id):
        detail = "Nobody reviews their own override. Two others do."
        raise RefusedError(detail)
    if current.canonical_person(actor.name) in used.review.upheld | used.review.objected:
        detail = "You reviewed this already."
        raise RefusedError(detail)


def review_override(signed: Signed) -> dict[str, Any]:
    """Write a review down; by the ledger it counts from its own entry on."""
    act, now = signed.act, clock.now()
    digest, verdict = act.value("override"), act.value("verdict")
    row = Override.objects.filter(pk=digest).first()
    if row is not None:  # the row is for the pages; the ledger holds the override
        OverrideReview.objects.create(
            override=row,
            person_id=signed.actor.name,
            verdict=verdict,
            note=act.value("note"),
            act_sha256=signed.sidecar_sha256,
            reviewed_at=now,
        )
    used = next(one for one in overriding.used() if one.statement_sha256 == digest)
    ledger.append(
        actor=signed.actor,
        verb="override.reviewed",
        subject=act.subject,
        about=[f"change:{used.change_sha256}"],
        facts={"verdict": verdict, "note": act.value("note"), "closed": used.review.closed},
        documents={"review": signed.sidecar_sha256},
    )
    live.changed("queue")
    return {"closed": used.review.closed, "needed": used.review.needed}
