"""Whether a change has to wait for an approval outside. It can only delay or end a run, never allow one."""

from dataclasses import dataclass

from connectors.models import Assent
from connectors.ticketing import connections

WAITS = "Waits for the approval of its change request in ServiceNow."


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What stands between a change and its run outside; empty for nothing.

    Attributes:
        waits: who has yet to answer, as a sentence.
        refused: who said no, as a sentence.
        required: whether an approval outside is asked for at all.
    """

    waits: str = ""
    refused: str = ""
    required: bool = False


def outside(digest: str, environment: str) -> Outside:
    """Ask each connection that requires an approval; the last answer of each approver counts, and one no is a no."""
    asking = False
    for connection in connections(environment):
        if not connection.config.get("require_approval", False):
            continue
        asking = True
        found = Assent.objects.filter(ticket__connection=connection, change_digest=digest)
        latest = {one.record: one for one in found.order_by("mod_count", "pk")}
        verdicts = {one.verdict for one in latest.values() if one.counts}
        if "reject" in verdicts:
            return Outside(refused="The change request was rejected in ServiceNow.", required=True)
        if "approve" not in verdicts:
            return Outside(waits=WAITS, required=True)
    return Outside(required=asking)
