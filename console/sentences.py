"""What each verb of the ledger says, as a sentence for people. One table; a verb without a line is shown as it is."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from console import phrases

Facts = Mapping[str, Any]
Words = Callable[[Facts], str]


def _named(key: str, before: str, otherwise: str = "") -> Words:
    """A sentence that ends in one of the facts, or the other one where the fact is missing."""

    def say(facts: Facts) -> str:
        value = facts.get(key)
        return f"{before} {value}" if value not in (None, "") else (otherwise or before)

    return say


def _because(before: str, *keys: str) -> Words:
    """A sentence, and after a colon the reason that the facts give."""

    def say(facts: Facts) -> str:
        reason = next((str(facts[key]) for key in keys if facts.get(key)), "")
        return f"{before}: {reason}" if reason else before

    return say


def _webhook_paused(facts: Facts) -> str:
    """Which one, and why where it was not a person."""
    return _because(_named("named", "Paused the webhook", "Paused a webhook")(facts), "why")(facts)


def _plain(text: str) -> Words:
    return lambda _facts: text


def _alert_fired(facts: Facts) -> str:
    """What came, and why it belongs to an incident that was there before."""
    came = _because("Received the alert", "title")(facts)
    return f"{came}. It belongs here: {facts['why']}" if facts.get("why") else came


def _decision(facts: Facts) -> str:
    words = {"approve": "Signed", "reject": "Rejected", "abstain": "Abstained from", "revoke": "Withdrew from"}
    verb = words.get(str(facts.get("decision") or facts.get("verdict") or ""), "Decided on")
    version = facts.get("version")
    count = f", {facts['have']} of {facts['needed']}" if "have" in facts and "needed" in facts else ""
    return f"{verb} revision {version}{count}" if version else f"{verb} the change{count}"


def _opened(facts: Facts) -> str:
    people = facts.get("needed", facts.get("people"))
    if isinstance(people, int) and people > 0:
        return f"Asked for {phrases.plural(people, 'signature')}"
    return "Asked policy, which decides alone"


def _ranked(facts: Facts) -> str:
    count = facts.get("hypotheses", facts.get("count"))
    total = len(count) if isinstance(count, list) else count
    return f"Ranked {phrases.plural(total, 'hypothesis', 'hypotheses')}" if isinstance(total, int) else "Ranked causes"


def _step(before: str) -> Words:
    def say(facts: Facts) -> str:
        title = (
            facts.get("title") or facts.get("command") or (f"step {facts['index']}" if "index" in facts else "a step")
        )
        found = ", found done already" if facts.get("found") else ""
        return f"{before}: {title}{found}"

    return say


def _worsened(facts: Facts) -> str:
    levels = f"{facts.get('was', '')} to {facts.get('severity', '')}"
    return f"Heard that the incident got worse, {levels}: {facts.get('title', '')}"


def _role(before: str) -> Words:
    def say(facts: Facts) -> str:
        where = f" for {facts['scope']}" if facts.get("scope") else ""
        return f"{before} {facts.get('role', '')}{where}"

    return say


def _drained(facts: Facts) -> str:
    taken = facts.get("deliveries")
    count = len(taken) if isinstance(taken, list) else taken
    return (
        f"Took in {phrases.plural(count, 'delivery', 'deliveries')}" if isinstance(count, int) else "Took in deliveries"
    )


def _counted(facts: Facts) -> str:
    what = str(facts.get("what", "")).replace(".", " ")
    count = facts.get("count")
    return (
        f"Refused {count} more times without a record each: {what}" if count else "Refused more without a record each"
    )


def _lost(facts: Facts) -> str:
    first, last = facts.get("lost_from"), facts.get("lost_to")
    if not isinstance(first, int) or not isinstance(last, int):
        return "Went on after records were lost"
    return f"LOST: went on without records {first} to {last - 1}"


def _act(facts: Facts) -> str:
    """Something that a person signed and that is no decision, such as lending their right to sign."""
    kind = str(facts.get("kind", ""))
    return f"Signed: {kind.replace('-', ' ')}" if kind else "Signed an act"


SENTENCES: Final[Mapping[str, Words]] = {
    "account.attached": _plain("Linked an account of the company to a person"),
    "act.recorded": _act,
    "alert.calmed": _because("Saw the alert calm again", "title"),
    "alert.fired": _alert_fired,
    "alert.flapping": _because("The alert flaps", "why"),
    "alert.held": _because("Held the alert back", "why", "title"),
    "alert.hidden": _because("Hid the alert", "why", "title"),
    "alert.rated": _named("verdict", "Called the alert"),
    "alert.resolved": _because("Heard that the alert is resolved", "title"),
    "assent.discounted": _because("Read back an answer from outside that does not count", "why"),
    "assent.given": _named("number", "Read back from outside that somebody agreed to", "Read back an agreement"),
    "assent.refused": _named("number", "Read back from outside that somebody refused", "Read back a refusal"),
    "assurance.stated": _plain("Stated what this installation guarantees"),
    "audit.exported": _named("subject", "Exported the records of", "Exported all records"),
    "change.frozen": _because("Wrote a plan", "intent", "title"),
    "connection.imported": _named("named", "Imported services from", "Imported services from a CMDB"),
    "connection.made": _named("named", "Connected", "Connected a system"),
    "decision.recorded": _decision,
    "decision.refused": _because("Refused a decision", "why"),
    "deliveries.drained": _drained,
    "delivery.dead": _because("Could not read a delivery", "error", "detail"),
    "executor.result": _because("Signed what came of the run", "outcome", "state"),
    "guardrail.refused": _because("Refused a plan", "intent"),
    "hypotheses.ranked": _ranked,
    "incident.acknowledged": _plain("Acknowledged the incident"),
    "incident.closed": _plain("Closed the incident"),
    "incident.joined": _because("Joined another alert into it", "title", "why"),
    "incident.opened": _because("Opened the incident", "title"),
    "incident.resolved": _because("Resolved the incident", "why"),
    "incident.taken_over": _plain("Took the incident over from the agents"),
    "incident.worsened": _worsened,
    "key.enrolled": _named("label", "Enrolled the key", "Enrolled a key"),
    "key.invited": _named("handle", "Handed out a code for a key to", "Handed out a code for a key"),
    "key.proved": _plain("Signed for a new key"),
    "key.revoked": _named("label", "Revoked the key", "Revoked a key"),
    "keys.cosigned": _named("version", "Co-signed a draft, version", "Co-signed a draft"),
    "keys.drafted": _plain("Asked for a change of the registry or the policy"),
    "keys.voided": _because("Voided a draft", "why"),
    "ledger.lost": _plain("A record that was signed stood here and is lost"),
    "ledger.recovered": _lost,
    "maintenance.ended": _plain("Ended a maintenance window or a freeze before its time"),
    "maintenance.extended": _named(
        "until", "Let a maintenance window or a freeze last until", "Let a window last longer"
    ),
    "maintenance.opened": _because("Planned maintenance or a freeze", "why"),
    "maintenance.settled": _named("came_back", "Judged anew what a window hid; still firing:"),
    "notice.given": _because("Gave notice", "notice"),
    "override.reviewed": _because("Reviewed the override", "verdict"),
    "override.used": _because("Took it on alone", "reason"),
    "person.added": _plain("Entered a person"),
    "person.called": _because("Called a person", "why", "because", "reason"),
    "person.deactivated": _plain("Let a person in no longer"),
    "person.linked": _plain("Found two persons to be one"),
    "person.erased": _plain("Erased what was recorded about a person"),
    "person.reached": _plain("Noted where receipts go"),
    "person.signed_in": _plain("Signed in"),
    "policy.activated": _named("version", "Put policy into force, version", "Put a policy into force"),
    "refusals.counted": _counted,
    "registry.published": _named("version", "Published the registry, version", "Published the registry"),
    "registry.refounded": _plain("FOUNDED THE ROOT ANEW: others must pin it by hand"),
    "remediation.adopted": _because("Took up the plan that a person edited", "intent"),
    "remediation.analyzed": _because("Found what is known", "note", "sentence"),
    "remediation.analyzing": _plain("Reads metrics, logs and changes"),
    "remediation.asked": _because("Asked whether the plan may run", "why", "sentence"),
    "remediation.completed": _because("Saw it recover", "note", "sentence", "reason"),
    "remediation.executing": _plain("Checked the signatures over the plan, started"),
    "remediation.failed": _because("Stopped without a remedy", "note", "sentence", "reason"),
    "remediation.planned": _because("Planned", "intent", "note"),
    "remediation.replanned": _because("Planned anew", "why", "note"),
    "remediation.rolled_back": _because("It did not help and was undone", "note", "sentence", "reason"),
    "remediation.started": _plain("Began to look into it"),
    "remediation.validating": _plain("Acted, now watches the symptom"),
    "request.answered": _because("Answered a question", "text", "note"),
    "request.asked": _because("Asked", "text"),
    "request.escalated": _named("group", "Asked also", "Asked more people"),
    "request.expired": _plain("The time to sign ran out, nothing runs"),
    "request.granted": _plain("Completed the signatures: granted"),
    "request.opened": _opened,
    "request.rejected": _because("Rejected", "why", "comment"),
    "request.reminded": _plain("Reminded whoever has not decided"),
    "request.reopened": _plain("Took an approval back: signatures are collected again"),
    "request.revised": _because("Edited the plan", "why"),
    "request.voided": _because("Voided the request", "why", "reason"),
    "request.withdrawn": _because("Withdrew the request", "why", "reason"),
    "rules.applied": _named("version", "Put rules about alerts into force, version", "Put rules into force"),
    "run.intended": _plain("Announced the run before acting"),
    "run.refused": _because("Refused to run", "refusal", "why", "reason", "detail"),
    "role.granted": _role("Granted the role"),
    "role.withdrawn": _role("Withdrew the role"),
    "service.registered": _named("named", "Registered the service", "Registered a service"),
    "session.ended": _plain("Ended signed-in browsers"),
    "sign-in-key.added": _named("label", "Added a passkey for signing in:", "Added a passkey for signing in"),
    "sign-in-key.removed": _named("label", "Removed a passkey for signing in:", "Removed a passkey for signing in"),
    "sign-in-link.made": _plain("Made a one-time sign-in link"),
    "sign-in-link.used": _plain("Signed in by a one-time link"),
    "delivery.replayed": _plain("Had a delivery read again"),
    "deliveries.replayed": _named("count", "Had dead letters read again:", "Had dead letters read again"),
    "source.added": _named("named", "Added the source", "Added a source"),
    "source.certificates_required": _named(
        "name", "Asks for client certificates of the source", "Asks for client certificates of a source"
    ),
    "source.certificates_waived": _named(
        "name", "Asks no longer for client certificates of the source", "Asks no longer for client certificates"
    ),
    "source.overloaded": _named("name", "Too much waits; refuses for now the source", "Refuses a source for now"),
    "source.mapped": _named("version", "Put a mapping in force, version", "Put a mapping in force"),
    "source.paused": _named("named", "Paused the source", "Paused a source"),
    "source.relieved": _named("name", "Takes again from the source", "Takes again from a source"),
    "source.renewed": _named("named", "Renewed the address of the source", "Renewed a source's address"),
    "source.resumed": _named("named", "Resumed the source", "Resumed a source"),
    "source.topic_confirmed": _named("topic", "Confirmed the topic", "Confirmed a topic"),
    "standing.ended": _because("Ended a standing approval", "why"),
    "standing.granted": _because("Granted a standing approval", "intent"),
    "standing.opened": _because("Asked for a standing approval", "intent"),
    "standing.rejected": _because("Rejected a standing approval", "intent"),
    "step.finished": _step("Ran"),
    "step.undone": _step("Undid"),
    "token.added": _plain("Made an API token"),
    "token.revoked": _named("label", "Revoked the API token", "Revoked an API token"),
    "verification.read": _because("Watched the symptom to the end", "sentence", "note"),
    "webhook.added": _named("named", "Added the webhook", "Added a webhook"),
    "webhook.paused": _webhook_paused,
    "webhook.removed": _named("named", "Removed the webhook", "Removed a webhook"),
    "webhook.resumed": _named("named", "Resumed the webhook", "Resumed a webhook"),
    "webhook.rotated": _named("named", "Renewed the secret of the webhook", "Renewed a webhook's secret"),
    "webhook.tried": _named("named", "Sent a test to the webhook", "Sent a test to a webhook"),
    "ticket.changed": _named("number", "Heard that somebody changed the ticket", "Heard that a ticket changed"),
    "ticket.created": _named("number", "Opened the ticket", "Opened a ticket"),
    "ticket.resent": _named("number", "Had sent again the ticket", "Had a ticket sent again"),
    "ticket.refused": _because("The ticket system refused", "why"),
    "ticket.updated": _named("number", "Brought up to date the ticket", "Brought a ticket up to date"),
}

REACHED: Final[Mapping[str, str]] = {
    "incident.acknowledged": "ACKNOWLEDGED",
    "incident.closed": "CLOSED",
    "incident.opened": "OPEN",
    "incident.resolved": "RESOLVED",
    "remediation.analyzed": "PLANNING",
    "remediation.analyzing": "ANALYZING",
    "remediation.asked": "AWAITING_APPROVAL",
    "remediation.completed": "COMPLETED",
    "remediation.executing": "EXECUTING",
    "remediation.failed": "FAILED",
    "remediation.planned": "PLANNING",
    "remediation.rolled_back": "ROLLED_BACK",
    "remediation.replanned": "PLANNING",
    "remediation.started": "INITIATED",
    "remediation.validating": "VALIDATING",
    "request.expired": "EXPIRED",
    "request.granted": "GRANTED",
    "request.opened": "PENDING",
    "request.rejected": "REJECTED",
    "request.reopened": "PENDING",
    "request.voided": "VOIDED",
    "request.withdrawn": "WITHDRAWN",
}
"""The state that an entry brings its subject to, as the trail writes it."""


def say(verb: str, facts: Facts, subject: str = "") -> str:
    """The entry in words; a subject such as `service:checkout` lends its name where the facts have none."""
    words = SENTENCES.get(verb)
    if words is not None:
        return words({"named": subject.partition(":")[2], **facts})
    return verb.replace(".", " ").replace("_", " ").capitalize()
