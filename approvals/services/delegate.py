"""Lend one's right to sign to somebody who has one of their own, and end that."""

import re
from datetime import datetime, timedelta
from typing import Any, Final

from approvals import registry
from approvals.acts import Signed, noun_of
from approvals.models import ApprovalRequest, Delegation, RequestState
from approvals.requests import has_started, locked_request
from approvals.settling import judge, settle
from core import clock, live
from core.actors import Actor
from core.errors import BadInputError, NotFoundError, NotPermittedError, RefusedError
from proof.documents import Act
from proof.documents.policy import TARGET
from proof.registry import Person
from proof.registry_document import APPROVER

ID: Final = re.compile(r"[0-9a-f]{32}\Z")
ACTION: Final = re.compile(r"[a-z][a-z0-9.-]{0,79}\Z")
LONGEST: Final = timedelta(days=14)
PARTICULARS: Final = ("actions", "delegate", "id", "not_after", "not_before", "targets")


def may_delegate(act: Act, actor: Actor) -> None:
    """Whether this person may lend that right: to another signer, for named actions and targets, for 14 days at most.

    Raises:
        BadInputError: Something is missing or of the wrong form.
        NotPermittedError: One of the two has no right to sign.
        RefusedError: They lend it to themselves, for too long, for a time that is over, or under an id that is taken.
    """
    uid = noun_of(act, "delegation")
    if sorted(item.name for item in act.particulars) != sorted(PARTICULARS) or act.value("id") != uid:
        detail = f"A delegation says {', '.join(PARTICULARS)}, and its id is that of its subject."
        raise BadInputError(detail)
    _require_form(act, uid)
    _require_time(act)
    current = registry.current()
    giver, taker = current.person(actor.name), current.person(act.value("delegate"))
    for person, who in ((giver, "You have"), (taker, "They have")):
        if person is None or not _signs(person):
            detail = f"{who} no right to sign of their own, so there is nothing to lend or to add to."
            raise NotPermittedError(detail)
    if current.canonical_person(actor.name) == current.canonical_person(act.value("delegate")):
        detail = "Nobody lends their right to themselves."
        raise RefusedError(detail)
    if Delegation.objects.filter(pk=uid).exists():
        detail = "There is a delegation of this id already. Start again."
        raise RefusedError(detail)


def delegate(signed: Signed) -> dict[str, Any]:
    """Keep the row by which pages find a delegation; the act itself is what counts."""
    act = signed.act
    row = Delegation.objects.create(
        uid=act.value("id"),
        delegator=signed.actor.name,
        delegate=act.value("delegate"),
        actions=listed(act.value("actions")),
        targets=listed(act.value("targets")),
        not_before=clock.from_rfc3339(act.value("not_before")),
        not_after=clock.from_rfc3339(act.value("not_after")),
        sidecar_sha256=signed.sidecar_sha256,
        made_at=clock.now(),
    )
    live.changed("queue")
    return {"id": row.pk, "delegation": row.sidecar_sha256}


def may_end(act: Act, actor: Actor) -> None:
    """Whether this person may end that delegation: one of the two.

    Raises:
        NotFoundError: There is no such delegation.
        NotPermittedError: It is between others.
        RefusedError: It has ended.
    """
    row = Delegation.objects.filter(pk=noun_of(act, "delegation")).first()
    if row is None:
        detail = "There is no such delegation."
        raise NotFoundError(detail)
    if actor.name not in {row.delegator, row.delegate}:
        detail = "Only the two between whom it is can end a delegation."
        raise NotPermittedError(detail)
    if row.ended_at is not None:
        detail = "This delegation has ended already."
        raise RefusedError(detail)


def end_delegation(signed: Signed) -> dict[str, Any]:
    """Note when it ended; it counts no more from the act's own entry on, so what it granted is open again."""
    now, uid = clock.now(), noun_of(signed.act, "delegation")
    Delegation.objects.filter(pk=uid, ended_at=None).update(ended_at=now)
    lent = Delegation.objects.get(pk=uid).sidecar_sha256
    granted = ApprovalRequest.objects.filter(decisions__delegation=lent, state=RequestState.GRANTED).distinct()
    for pk in granted.order_by("pk").values_list("pk", flat=True):
        request = locked_request(pk)
        if not has_started(request.change_id):
            settle(request, judge(request), actor=signed.actor)
    live.changed("queue")
    return {"ended_at": clock.rfc3339(now)}


def listed(text: str) -> list[str]:
    """A comma list, as an act holds it."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _require_form(act: Act, uid: str) -> None:
    actions, targets = listed(act.value("actions")), listed(act.value("targets"))
    right = bool(ID.match(uid)) and bool(actions) and bool(targets)
    if not right or not all(map(ACTION.match, actions)) or not all(map(TARGET.match, targets)):
        detail = (
            "Name the actions and the targets, separated by commas, such as `restart-service` and `lab/checkout` or "
            "`lab/*`; the id has 32 hex digits."
        )
        raise BadInputError(detail)


def _require_time(act: Act) -> None:
    start, end = _moment(act, "not_before"), _moment(act, "not_after")
    if not start < end <= start + LONGEST or end <= clock.now():
        detail = f"A delegation ends after it begins, within {LONGEST.days} days, and not in the past."
        raise RefusedError(detail)


def _moment(act: Act, name: str) -> datetime:
    try:
        return clock.from_rfc3339(act.value(name))
    except ValueError as error:
        detail = f"{name} is a time in UTC such as 2026-11-21T09:00:00.000000Z."
        raise BadInputError(detail) from error


def _signs(person: Person) -> bool:
    return (APPROVER in person.roles or bool(person.groups)) and any(key.status == "active" for key in person.keys)
