"""Follow the ledger: what happened elsewhere that the agents must react to."""

from django.db import transaction

from agents.models import Remediation
from agents.models.remediation import WORKING
from agents.moves import wake
from agents.services.answer import answer
from agents.services.fail import fail
from agents.services.require_approved import ACTED, require_approved
from agents.services.start import start
from audit import ledger
from audit.services.follow import FollowedEntry
from core import clock
from core.actors import MONITOR, PLANNER, TRIAGE
from incidents.services.resolve_if_quiet import resolve_if_quiet

FOLLOWER = "agents"
SETTLED = frozenset(f"request.{what}" for what in ("granted", "rejected", "expired", "voided", "withdrawn"))
OVER = frozenset({"incident.resolved", "incident.closed"})
QUIET = frozenset({"alert.resolved", "alert.calmed"})
NOTICED = ACTED | SETTLED | OVER | QUIET | {"incident.opened", "incident.taken_over", "request.asked"}


def follow() -> int:
    """Take what is new in the ledger, each entry once; returns how many."""
    return ledger.follow(FOLLOWER, notice, verbs=NOTICED)


@transaction.atomic
def notice(entry: FollowedEntry) -> None:
    """React to one entry; entries that do not concern agents change nothing."""
    noun, _, number = entry.subject.partition(":")
    if entry.verb in ACTED:
        require_approved(entry)
        return
    if not number.isdigit():
        return
    if entry.verb == "incident.opened":
        start(int(number), actor=TRIAGE)
    elif entry.verb == "incident.taken_over":
        _stop(int(number), "A person took the incident over, so the agents stopped.", entry.actor)
    elif entry.verb in OVER:
        _stop(int(number), "The incident was resolved while the agents were at work, so they stopped.", entry.actor)
    elif entry.verb in QUIET and entry.facts.get("remaining") == 0:
        _let_go(entry.facts.get("incident"))
    elif noun == "request":
        _of_a_request(entry, int(number))


def _stop(incident_id: int, note: str, by: str) -> None:
    live = Remediation.objects.filter(incident_id=incident_id, state__in=WORKING).first()
    if live is not None and not _ours(by):
        fail(live.pk, actor=TRIAGE, reason="taken-over", note=note)


def _let_go(incident_id: int | None) -> None:
    """Nothing of an incident fires any more and nobody here is at work on it: it is over."""
    if incident_id is None or Remediation.objects.filter(incident_id=incident_id, state__in=WORKING).exists():
        return
    resolve_if_quiet(incident_id, actor=MONITOR)


def _ours(actor: str) -> bool:
    return actor.startswith("agent:")


def _of_a_request(entry: FollowedEntry, request_id: int) -> None:
    if entry.verb in SETTLED:
        _wake(request_id)
    elif entry.verb == "request.asked":
        answer(int(entry.facts["question"]), actor=PLANNER)


def _wake(request_id: int) -> None:
    waiting = Remediation.objects.filter(request_id=request_id, state="AWAITING_APPROVAL")
    if waiting.update(due_at=clock.now()):
        wake(waiting.get())
