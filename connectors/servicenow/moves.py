"""How a request for a change goes through its states there while the plan goes on here. Pure.

Only neighbours on the route are gone to, one at a time, because their state model refuses jumps. What lies between
asking and the approval is theirs: it is walked only once they say that they approved.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from connectors.servicenow.maps import Maps

ENDED: Final[dict[str, str]] = {
    "remediation.completed": "COMPLETED",
    "remediation.failed": "FAILED",
    "remediation.rolled_back": "ROLLED_BACK",
}
"""How a run ended, by the verb that records it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The codes to set, one after another; `why` says why it ends before where it should."""

    codes: Sequence[str] = ()
    why: str = ""


def stage_of(request_state: str, verbs: Sequence[str]) -> str:
    """Where the plan stands, from its request and the verbs recorded since it was asked about.

    ASKED, RUNNING, CANCELLED, or how the run ended. A plan that another one replaced is over, whatever came later.
    """
    if request_state not in {"PENDING", "GRANTED"}:
        return "CANCELLED"
    runs = False
    for verb in verbs:
        if verb == "remediation.executing":
            runs = True
        elif verb in ENDED and runs:
            return ENDED[verb]
        elif verb in ENDED:
            return "CANCELLED"
    return "RUNNING" if runs else "ASKED"


def way(now: str, stage: str, approval: str, maps: Maps) -> Way:
    """From the state that it has there to the one that it should have."""
    target = maps.moves.get(stage, "")
    if not target or now == target or (stage == "CANCELLED" and now not in maps.route[:-1]):
        return Way()
    if stage == "CANCELLED":
        return Way(codes=[target])
    if now not in maps.route:
        return Way(why=f"The change request is in a state that no map knows, {now[:40]!r}, and is left there.")
    return _along(maps.route.index(now), maps.route.index(target), maps.answers.get(approval, ""), maps)


def _along(here: int, there: int, answer: str, maps: Maps) -> Way:
    """The route from one place on it to another, as far as their answer allows."""
    asked = maps.moves.get("ASKED", "")
    free = maps.route.index(asked) if asked else -1
    if answer == "reject":
        return Way(why="It was rejected there, so it goes no further there.")
    if there > free and answer != "approve":
        why = "It was not approved there, so it goes no further there."
        return Way(codes=list(maps.route[here + 1 : free + 1]), why=why)
    return Way(codes=list(maps.route[here + 1 : there + 1]))
