"""Where a change comes from: its earlier versions, who had a hand in them, who said no."""

from approvals.drafts import ChangeDraft
from approvals.freezing import Lineage, new_id
from approvals.models import Change, Decision
from audit import ledger
from core.errors import BadInputError
from proof.documents import Change as ChangeDocument
from proof.documents import Step, parse_change


def lineage_of(draft: ChangeDraft) -> Lineage:
    """The lineage of a draft: its own, or that of the change that it revises.

    Every statement that said no to an earlier version, or to the same steps for the same incident, is carried along,
    so that a plan which was denied cannot be asked again as if nothing had been said.

    Raises:
        BadInputError: It revises a change that is not kept here, or one for another incident.
    """
    interested = set(draft.interested_persons)
    if draft.proposer.get("kind") == "person":
        interested.add(str(draft.proposer.get("id")))
    if not draft.revises:
        denials = _denials(_twins(draft, uid=""))
        return Lineage(
            uid=new_id(), version=1, interested_persons=tuple(sorted(interested)), prior_denials=tuple(denials)
        )
    revised = Change.objects.filter(pk=draft.revises).first()
    if revised is None or revised.incident != draft.incident:
        detail = f"There is no change {draft.revises[:12]} for {draft.incident} that could be revised."
        raise BadInputError(detail)
    earlier = Change.objects.filter(uid=revised.uid).order_by("-version")
    for change in earlier:
        interested |= set(parse_change(ledger.fetch(change.digest)).interested_persons)
    return Lineage(
        uid=revised.uid,
        version=earlier[0].version + 1,
        interested_persons=tuple(sorted(interested)),
        prior_denials=tuple(_denials(_twins(draft, uid=revised.uid))),
    )


def _denials(digests: list[str]) -> list[str]:
    said_no = Decision.objects.filter(change_digest__in=digests, verdict="reject").order_by("decided_at", "pk")
    return list(said_no.values_list("statement_sha256", flat=True))


def _twins(draft: ChangeDraft, *, uid: str) -> list[str]:
    """Changes of the same lineage, and those for the same incident with the same steps."""
    wanted = [(step.get("action"), step.get("target"), _params(step.get("params", ()))) for step in draft.steps]
    return [
        change.digest
        for change in Change.objects.filter(incident=draft.incident)
        if change.uid == uid or [_essence(step) for step in _document(change).steps] == wanted
    ]


def _document(change: Change) -> ChangeDocument:
    return parse_change(ledger.fetch(change.digest))


def _essence(step: Step) -> tuple[str, str, frozenset[tuple[str, str]]]:
    return step.action, step.target, frozenset((param.name, param.value) for param in step.params)


def _params(params: object) -> frozenset[tuple[str, str]]:
    if not isinstance(params, list | tuple):
        return frozenset()
    return frozenset((str(param["name"]), str(param["value"])) for param in params)
