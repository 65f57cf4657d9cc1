"""What a new version of a change changed, and whose signatures that made void."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from approvals import selectors as approvals
from approvals.models import ApprovalRequest
from console.selectors import requests
from console.selectors.requests import Signature
from core.errors import ConsoleError


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One difference: what it is called, how it was, how it is."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """The step from the version before.

    Attributes:
        void: the signatures under the version before; they count for nothing any more.
        gone: the words of the signed sentence before; whatever else stands in it now is new.
    """

    version: int
    was: int
    was_digest: str
    at: datetime
    by_name: str
    by_person: bool
    why: str
    differences: Sequence[Told]
    void: Sequence[Signature]
    gone: frozenset[str]

    @property
    def headline(self) -> str:
        """What happened, in a sentence."""
        count = len(self.void)
        if not count:
            return "The plan changed"
        whose = {1: "The signature is", 2: "Both signatures are"}.get(count, f"All {count} signatures are")
        return f"The plan changed. {whose} void"


def of(asked: ApprovalRequest) -> Revised | None:
    """The step to this request's version; None for a first version, or where the version before cannot be read."""
    if asked.change.version < 2:
        return None
    try:
        versions = approvals.revisions(asked)
    except (ConsoleError, ValueError):
        return None
    here = next((at for at, one in enumerate(versions) if one.digest == asked.change_id), None)
    if here is None or here + 1 >= len(versions):
        return None
    now, before = versions[here], versions[here + 1]
    earlier = requests.by_id([before.request_id]).get(before.request_id or 0)
    intent = next((one.before for one in now.differences if one.path == "intent"), asked.change.intent)
    return Revised(
        version=now.version,
        was=before.version,
        was_digest=before.digest,
        at=now.created_at,
        by_name=now.by_name,
        by_person=now.by.startswith("person:"),
        why=now.why,
        differences=_told(now.differences),
        void=earlier.approvals if earlier else [],
        gone=frozenset(word.strip(".,;:") for word in intent.split()),
    )


def _told(differences: Sequence[approvals.Difference]) -> list[Told]:
    """The differences with their names; the signed sentence shows its own, unless nothing else differs."""
    wanted = [one for one in differences if one.path != "intent"] or list(differences)
    return [Told(name=_name(one), before=one.before, after=one.after) for one in wanted]


def _name(one: approvals.Difference) -> str:
    """What a difference is called: its sentence begins with that."""
    if one.before and one.after:
        return one.sentence.partition(":")[0].removesuffix(" differs.")
    return one.path.rpartition("/")[2].replace("_", " ").capitalize()
