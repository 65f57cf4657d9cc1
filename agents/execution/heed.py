"""Between steps: has anybody said stop since the intent was written down? Then no further step is done."""

from agents.execution import suspension
from agents.execution.clearance import Clearance
from agents.execution.follower import follow
from agents.execution.held import dossier
from agents.execution.index import opened
from agents.execution.judgement import judge
from core.errors import RefusedError
from proof.verdict import State


class StoppedError(RefusedError):
    """Somebody withdrew what the run stands on, or holds the agents; what was done so far is taken back."""

    code, title = "stopped", "Stopped"


def heed(cleared: Clearance) -> None:
    """Look at the newest log once more. The policy and the time stay those of the intent; a new policy is no stop.

    Raises:
        StoppedError: A decision was revoked or denied, a key was revoked, or the agents are held, after the intent.
        RefusedError: The log does not hold any more.
    """
    since = cleared.since
    if since is None:
        return
    follow()
    with opened() as index:
        begun, now = dossier(index, cleared.digest, below=since.seq), dossier(index, cleared.digest)
        holder = suspension.holds_since(index, now.registry, since.seq)
        verdict = judge(index, now, now=since.at, policy=begun.policy_bytes)
    if holder:
        detail = f"{holder} holds all agents since this run began."
        raise StoppedError(detail)
    if verdict.state is not State.GRANTED:
        detail = f"What the run stands on was withdrawn after it began ({verdict.state}): {' '.join(verdict.reasons)}"
        raise StoppedError(detail)
