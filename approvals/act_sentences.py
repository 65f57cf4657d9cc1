"""What an act says, in one plain sentence: shown before it is signed, and on every page that lists it."""

from collections.abc import Callable
from typing import Final

from approvals.models import PersonKey, StandingApproval
from people.selectors import names
from proof.documents import Act


def sentence(act: Act) -> str:
    """The sentence of an act; kinds without one of their own are told by their parts."""
    if act.kind in _SENTENCES:
        return _SENTENCES[act.kind](act)
    parts = ", ".join(f"{item.name}: {item.value}" for item in act.particulars if item.value)
    what = f"{act.kind.replace('-', ' ').capitalize()} of {act.subject}"
    return f"{what} ({parts})." if parts else f"{what}."


def person(person_id: str) -> str:
    """Somebody's name, or their id where nobody here has it."""
    found = names([person_id]).get(person_id)
    return found.name if found else person_id


def _revoke_key(act: Act) -> str:
    row = PersonKey.objects.filter(pk=act.subject.removeprefix("key:")).first()
    whose = f"the key “{row.label}” of {person(row.person_id)}" if row else act.subject
    since = act.value("compromised_since")
    lost = f" It was not safe from record {since} on: approvals since then that did not run are void." if since else ""
    return f"Revoke {whose}. It counts for nothing from this record on.{lost}"


def _prove_possession(act: Act) -> str:
    key_id = act.value("key")
    if act.key_id == key_id:
        return f"This key belongs to {person(act.person_id)}, who holds it: {act.value('class')}, {key_id[:16]}."
    return (
        f"The new key {key_id[:16]} ({act.value('class')}) is mine too, says {person(act.person_id)} with an older one."
    )


def _hold_agents(_act: Act) -> str:
    return "Hold all agents: nothing new runs, and what runs stops after its step, until somebody lets them go."


def _release_agents(_act: Act) -> str:
    return "Let the agents go on. What waited runs if its time is not over."


def _resume_policy(_act: Act) -> str:
    return "Let policy act alone again where its changes were taken back."


def _erase(act: Act) -> str:
    return (
        f"Erase for good what is recorded and stored about {person(act.subject.removeprefix('person:'))}, "
        f"by the list {act.value('commitments')[:16]}. It takes a second key-admin."
    )


def _delegate(act: Act) -> str:
    return (
        f"{person(act.value('delegate'))} may sign for {person(act.person_id)}: {act.value('actions')} on "
        f"{act.value('targets')}, from {act.value('not_before')[:16]} to {act.value('not_after')[:16]} UTC. Never for "
        "what is CRITICAL; the two count as one person."
    )


def _end_delegation(act: Act) -> str:
    return f"{person(act.person_id)} ends the delegation {act.subject.removeprefix('delegation:')[:12]}."


def _end_standing(act: Act) -> str:
    row = StandingApproval.objects.filter(uid=act.subject.removeprefix("standing:")).first()
    what = f"{row.name} ({row.intent})" if row else act.subject
    return f"End the standing approval {what}. Nothing runs under it from this record on."


def _author_change(act: Act) -> str:
    return (
        f"{person(act.person_id)} wrote this version of the plan ({act.subject.removeprefix('change:')[:12]}) and may "
        "not approve it."
    )


def _review_override(act: Act) -> str:
    verdict = "It was right" if act.value("verdict") == "upheld" else "It was not right"
    note = f": {act.value('note')}" if act.value("note") else "."
    return f"{person(act.person_id)} reviewed the override {act.value('override')[:12]}. {verdict}{note}"


_SENTENCES: Final[dict[str, Callable[[Act], str]]] = {
    "author-change": _author_change,
    "delegate": _delegate,
    "end-delegation": _end_delegation,
    "end-standing": _end_standing,
    "erase": _erase,
    "hold-agents": _hold_agents,
    "release-agents": _release_agents,
    "resume-policy": _resume_policy,
    "review-override": _review_override,
    "prove-possession": _prove_possession,
    "revoke-key": _revoke_key,
}
"""One function a kind; the kinds that other services do add theirs here."""
