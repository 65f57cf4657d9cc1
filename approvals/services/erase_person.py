"""Erase what is recorded and stored about a person, once two key-admins have signed the very list."""

from typing import Any

from django.db import transaction

from approvals import acts, registry
from approvals.acts import Signed
from approvals.models import SignedAct
from approvals.words_of import forget_words
from audit import ledger
from audit.services.erase import erase
from core.actors import SYSTEM, Actor
from core.errors import BadInputError, NotPermittedError, WrongStateError
from people.services.forget import forget
from proof import erasure
from proof.documents import Act


def may_erase(act: Act, actor: Actor) -> None:
    """The list is kept and about this person, and the signer is a key-admin by the signed registry, and not they.

    Raises:
        BadInputError: The act is not of its form, or its list is of another person.
        NotFoundError: No such list is kept.
        NotPermittedError: The signer is no key-admin, or it is about themselves.
        WrongStateError: The same key-admin signed this list before.
    """
    person_id = acts.noun_of(act, "person")
    digest = act.value("commitments")
    try:
        listed = erasure.parse_list(ledger.fetch(digest))
    except erasure.ErasureError as error:
        raise BadInputError(str(error)) from error
    if listed.person_id != person_id or {item.name for item in act.particulars} != {"commitments"}:
        detail = "An erasure names the digest of a list of that person's entries: ./manage.py person erase HANDLE."
        raise BadInputError(detail)
    if actor.name not in registry.current().admins() or actor.name == person_id:
        detail = "Two key-admins of the signed registry order an erasure, and not of themselves."
        raise NotPermittedError(detail)
    if any(person == actor.name for person, _ in _signed(act)):
        detail = "You signed this list already. Another key-admin has to sign it too."
        raise WrongStateError(detail)


@transaction.atomic
def erase_by_act(signed: Signed) -> dict[str, Any]:
    """Count the signature; with the second one, erase."""
    orders = [*_signed(signed.act), (signed.actor.name, signed.sidecar_sha256)]
    if len(orders) < erasure.SIGNERS:
        return {"erased": False, "signatures": len(orders), "needed": erasure.SIGNERS}
    person_id = acts.noun_of(signed.act, "person")
    entry = erase(signed.act.value("commitments"), [sidecar for _, sidecar in orders], actor=SYSTEM)
    forget_words(person_id)
    forget(person_id)
    return {"erased": True, "entry": entry.uid}


def _signed(act: Act) -> list[tuple[str, str]]:
    """Who signed the same list before, with the digests of what they signed."""
    rows = SignedAct.objects.filter(kind=erasure.KIND, subject=act.subject).order_by("recorded_at")
    wanted = act.value("commitments")
    same = [row for row in rows if acts.read(ledger.fetch(row.statement_sha256)).value("commitments") == wanted]
    return [(row.person_id, row.sidecar_sha256) for row in same]
