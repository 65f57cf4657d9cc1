"""Hand out the exact bytes of an act that a person may sign: once, in this session, for five minutes."""

from collections.abc import Mapping

from django.db import transaction

from approvals import acts, enrolments, registry
from approvals.challenges import bound_to
from approvals.models import ActTemplate
from core import clock
from core.actors import Actor
from core.errors import BadInputError, NotPermittedError
from proof.documents import parse_act


@transaction.atomic
def issue_act_template(
    kind: str, subject: str, particulars: Mapping[str, str], key_id: str, *, session: str, actor: Actor
) -> ActTemplate:
    """The bytes for this person, this key and this act; its `statement` is what gets signed, as it is.

    Args:
        kind: one of the acts that something here does.
        subject: what it is done to, such as `key:<id>`.
        particulars: the rest, by name.
        key_id: with which of their own keys they will sign.
        session: what the answer must come from.
        actor: the person.

    Raises:
        NotPermittedError: A program asks, or this person may not.
        BadInputError: There is no such act, or it lacks something.
        RefusedError: The key is not theirs or revoked, or the act makes no sense now.
    """
    if not actor.is_person:
        detail = "Only people sign acts."
        raise NotPermittedError(detail)
    if any(len(value) > acts.LONGEST_VALUE for value in particulars.values()):
        detail = f"A particular of an act has at most {acts.LONGEST_VALUE} characters."
        raise BadInputError(detail)
    found, now = registry.current(), clock.now()
    enrolments.require_own_key(found, key_id, actor.name, subject=subject, kind=kind)
    data = acts.template(
        kind,
        subject,
        particulars,
        by=(actor.name, key_id),
        registry_version=found.version,
        issued_at=now,
    )
    act = parse_act(data)
    acts.kind_of(kind).may(act, actor)

    ActTemplate.objects.filter(person_id=actor.name, expires_at__lt=now - acts.VALID_FOR).delete()
    return ActTemplate.objects.create(
        nonce=act.nonce,
        kind=kind,
        subject=subject,
        person_id=actor.name,
        key_id=key_id,
        session=bound_to(session),
        statement=data,
        expires_at=now + acts.VALID_FOR,
    )
