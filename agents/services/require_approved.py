"""Look at every act that the record tells of: was there a decision before it? If not, raise an alarm."""

from agents.services.raise_alarm import raise_alarm
from audit.models import Leaf
from audit.services.follow import FollowedEntry
from proof.documents import parse_entry

ACTED = frozenset({"run.intended", "step.finished", "step.undone", "executor.result"})
DECIDED = ("decision.recorded", "override.used")
SIGN_OFF = "refused"


def require_approved(entry: FollowedEntry) -> bool:
    """Raise an alarm for an act that no decision stands before in the tree; whether one does."""
    if entry.facts.get("outcome") == SIGN_OFF:
        return True
    body = parse_entry(bytes(entry.entry.body))
    changes = [subject for subject in body.about if subject.startswith("change:")]
    decided = Leaf.objects.filter(
        seq__lt=entry.seq, entry__verb__in=DECIDED, entry__mentions__subject__in=changes
    ).exists()
    if not decided:
        sentence = f"Record {entry.seq} says that something was done ({entry.verb}), but no decision stands before it."
        raise_alarm("orphan", sentence, about=[entry.subject, *changes])
    return decided
