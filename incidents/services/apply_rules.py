"""Put a new version of the rules about alerts into force."""

import hashlib

from django.db import transaction

from audit import ledger
from core import clock, live
from core.actors import Actor
from core.errors import BadInputError
from core.permissions import Permission
from incidents.correlation.rules import RulesError, check_rules
from incidents.models import RuleSet, Turn
from incidents.permissions import grants

TYPE = "application/vnd.countersign.alert-rules+yaml"


@transaction.atomic
def apply_rules(text: str, *, actor: Actor) -> RuleSet:
    """Check the rules and make them the version in force. What is in force already is not written again.

    Raises:
        NotPermittedError: The actor is no admin.
        BadInputError: They cannot be used; every problem is said.
    """
    grants.require(Permission.RULES_APPLY, actor)
    try:
        rules = check_rules(text)
    except RulesError as error:
        raise BadInputError(str(error), problems=list(error.problems)) from error
    Turn.take()
    newest = RuleSet.objects.order_by("-version").first()
    digest = hashlib.sha256(text.encode()).hexdigest()
    if newest is not None and newest.sha256 == digest:
        return newest

    row = RuleSet.objects.create(
        version=newest.version + 1 if newest is not None else 1,
        text=text,
        sha256=digest,
        applied_by=actor.id,
        applied_at=clock.now(),
    )
    ledger.keep(TYPE, text.encode())
    facts = {"version": row.version, "rules": [rule.name for rule in rules]}
    ledger.append(actor=actor, verb="rules.applied", subject=row.subject, facts=facts, documents={"rules": digest})
    live.changed("maintenance")
    return row
