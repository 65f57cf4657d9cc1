"""A new key signs that it is held, or an older key of the same person signs for it; then it is asked for."""

from typing import Any

from django.db import transaction

from approvals import acts, edits, enrolments, registry
from approvals import registry_documents as documents
from approvals.acts import Signed
from approvals.models import Enrolment, EnrolmentState, PersonKey
from approvals.registry_documents import NewKey
from approvals.services.open_draft import open_draft
from core.actors import Actor
from core.errors import RefusedError
from people.models import Person
from proof.documents import Act


def may_prove(act: Act, actor: Actor) -> None:
    """The act is about a key that this person is enrolling, and says what that key is.

    Raises:
        NotFoundError: No such enrolment is under way.
        BadInputError: The act is about something else.
        RefusedError: It says something else than what was offered.
    """
    key_id = acts.noun_of(act, "key")
    enrolment = enrolments.find(actor.name, key_id)
    if {item.name: item.value for item in act.particulars} != particulars_of(enrolment):
        detail = "The act names another key than the one that was offered."
        raise RefusedError(detail)


def particulars_of(enrolment: Enrolment) -> dict[str, str]:
    """What an act about a new key says."""
    return {"class": enrolment.key["key_class"], "key": enrolment.key_id, "public": enrolment.key["public"]}


@transaction.atomic
def prove_possession(signed: Signed) -> dict[str, Any]:
    """Note that the new key is held, or that an older one vouches for it, and go on if nothing is owed any more."""
    enrolment = enrolments.find(signed.actor.name, acts.noun_of(signed.act, "key"))
    if signed.act.key_id == enrolment.key_id:
        enrolment.proof_sha256 = signed.sidecar_sha256
        enrolment.key = {**enrolment.key, "key_class": signed.key_class}
    else:
        enrolment.voucher_sha256 = signed.sidecar_sha256
    return advance(enrolment, actor=signed.actor)


def advance(enrolment: Enrolment, *, actor: Actor) -> dict[str, Any]:
    """Ask that the registry list the key once nothing is owed; says what is owed, or how far it is."""
    owed = enrolments.owes(enrolment)
    enrolment.state = EnrolmentState.VOUCHING if enrolments.PROOF not in owed else EnrolmentState.PROVING
    enrolment.save()
    if not owed:
        _ask(enrolment, actor)
    return told(enrolment)


def told(enrolment: Enrolment) -> dict[str, Any]:
    """An enrolment for whoever goes through it."""
    waits = enrolment.state in {EnrolmentState.PROVING, EnrolmentState.VOUCHING}
    return {
        "enrolment": enrolment.pk,
        "key_id": enrolment.key_id,
        "state": enrolment.state,
        "owes": enrolments.owes(enrolment) if waits else [],
        "subject": f"key:{enrolment.key_id}",
        "particulars": particulars_of(enrolment),
        "credential_id": enrolment.key["credential_id"],
        "draft": enrolment.draft_id,
    }


def _ask(enrolment: Enrolment, actor: Actor) -> None:
    person = Person.objects.get(pk=enrolment.person_id)
    new = NewKey(**{**enrolment.key, "origins": tuple(enrolment.key["origins"])})
    enrolment.state = EnrolmentState.DRAFTED
    enrolment.save(update_fields=["state"])
    asked = edits.key(
        person.pk,
        documents.key_entry(new),
        label=new.label,
        how=_how(enrolment),
        sign_count=new.sign_count,
    )
    draft = open_draft([documents.person_edit(person), asked], actor=actor, why="key.enrolled")
    enrolment.refresh_from_db()
    enrolment.draft = draft
    enrolment.save(update_fields=["draft"])


def _how(enrolment: Enrolment) -> str:
    """By what right, for the ledger and for those who co-sign."""
    if enrolment.voucher_sha256:
        return f"{enrolment.how}-own-key"
    if enrolment.invited:
        return f"{enrolment.how}-invited"
    had_keys = PersonKey.objects.filter(person_id=enrolment.person_id).exists()
    first = "lost" if had_keys or registry.current().epoch > 1 else "first"
    return f"{enrolment.how}-{first}"
