"""Hold all agents, let them go, let policy act alone again: what a person signs, and the executor reads in the log."""

from typing import Any

from agents.execution.suspension import HOLD, MAY_HOLD, MAY_RELEASE, RELEASE, RESUME
from approvals import registry
from approvals.acts import Signed
from core import live
from core.actors import Actor
from core.errors import BadInputError, NotPermittedError
from proof.documents import Act

EVERYBODY, ALONE = "agents:all", "policy:alone"
SUBJECTS = {HOLD: EVERYBODY, RELEASE: EVERYBODY, RESUME: ALONE}


def may_hold(act: Act, actor: Actor) -> None:
    """Anybody who works with incidents may stop the agents; letting them go again takes an approver or a manager.

    Raises:
        NotPermittedError: The signed registry gives this person no such role.
        BadInputError: It is about something else.
    """
    if act.subject != SUBJECTS[act.kind]:
        detail = f"{act.kind} is about {SUBJECTS[act.kind]}, not {act.subject!r}."
        raise BadInputError(detail)
    person = registry.current().person(actor.name)
    allowed = MAY_HOLD if act.kind == HOLD else MAY_RELEASE
    if person is None or not person.roles & allowed:
        detail = f"For this the key registry must list you as {', '.join(sorted(allowed))}."
        raise NotPermittedError(detail)


def tell(signed: Signed) -> dict[str, Any]:
    """The record is all that it takes; pages hear of it."""
    live.changed("queue", "policy")
    return {"held": signed.act.kind == HOLD}
