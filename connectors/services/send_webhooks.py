"""Tell webhooks what happened, in the order of the ledger, each at its own pace."""

import random
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from audit import ledger
from audit.models import Leaf
from connectors.models import Webhook, WebhookDelivery
from connectors.outbound import wire
from connectors.outbound.events import Happened
from connectors.outbound.keeping import WEBHOOKS, latest_seq
from connectors.outbound.letters import body_of, happened, letter_to
from connectors.outbound.retrying import Answer, Verdict, verdict
from connectors.secrets import SealedError
from core import clock, live

AT_ONCE = 8
FOR_S = 15.0
HOLD = timedelta(seconds=30)
"""Longer than an attempt takes; after a crash another worker goes on then."""
WINDOW = 5_000
KEPT, TIDIED_EVERY = 500, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One that is under way, and how it was claimed."""

    webhook_id: int
    held_until: datetime
    happened: Happened
    letter: wire.Letter


def send_webhooks() -> int:
    """Send what is due, several webhooks at once, for a bounded time; returns how many events were delivered.

    Safe beside others and after any crash: a webhook is held by one worker, and its place moves when an answer is in.
    What was answered and not yet written down is sent again, under the same id.
    """
    if not Webhook.objects.filter(is_active=True).exists():
        return 0
    delivered, settled, began = 0, 0, clock.monotonic()
    flying: dict[Future[Answer], Attempt] = {}
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="webhook") as threads:
        while True:
            is_early = clock.monotonic() - began < FOR_S
            for one in _claimed(AT_ONCE - len(flying)) if is_early else ():
                flying[threads.submit(wire.post, one.letter)] = one
            if not flying:
                break
            for future in wait(flying, timeout=0.5, return_when=FIRST_COMPLETED).done:
                is_done, following = _settle(flying.pop(future), future.result(), go_on=is_early)
                delivered, settled = delivered + is_done, settled + 1
                if following is not None:
                    flying[threads.submit(wire.post, following.letter)] = following
    if settled:  # once for all of them: what pages show of each would be too much to tell
        live.changed("webhooks")
    return delivered


def _claimed(most: int) -> list[Attempt]:
    """Take hold of webhooks that are due, and write their next letters."""
    now, latest = clock.now(), latest_seq()
    found = []
    for webhook in Webhook.due(now, latest)[:most]:
        held = now + HOLD
        # The condition stands in the UPDATE itself: another worker's would not be seen by a subquery.
        same = Webhook.free(now).filter(pk=webhook.pk, is_active=True, next_seq=webhook.next_seq)
        if not same.update(held_until=held, tried_at=now):
            continue
        try:
            one = _written(webhook, held, now, latest)
        except SealedError as error:
            _stop(webhook.pk, held, error.detail)
            continue
        if one is not None:
            found.append(one)
        else:
            Webhook.objects.filter(pk=webhook.pk, held_until=held).update(next_seq=webhook.next_seq, held_until=None)
    return found


def _written(webhook: Webhook, held: datetime, now: datetime, latest: int) -> Attempt | None:
    """The letter about the next record that it wants; None where there is none yet."""
    leaf = _next(webhook, latest)
    if leaf is None:
        return None
    told = happened(leaf)
    letter = letter_to(webhook, told.uid, body_of(told), now)
    return Attempt(webhook_id=webhook.pk, held_until=held, happened=told, letter=letter)


@transaction.atomic
def _stop(webhook_id: int, held: datetime, why: str) -> None:
    """It cannot be signed for, which no further attempt would change."""
    webhook = Webhook.objects.select_for_update().filter(pk=webhook_id, held_until=held).first()
    if webhook is not None:
        _pause(webhook, why, webhook.next_seq)
        webhook.held_until = None
        webhook.save()
        live.changed("webhooks")


def _next(webhook: Webhook, latest: int) -> Leaf | None:
    """The next record that it wants, looked for by windows; its place is moved to there."""
    while webhook.next_seq <= latest:
        end = min(webhook.next_seq + WINDOW, latest + 1)
        leaves = Leaf.objects.filter(seq__gte=webhook.next_seq, seq__lt=end).filter(_wanted(webhook.events))
        leaf = leaves.select_related("entry").order_by("seq").first()
        if leaf is not None:
            return leaf
        webhook.next_seq = end
    return None


def _wanted(patterns: list[str]) -> Q:
    wanted = Q()
    for one in patterns:
        if one == "*":
            return Q()
        wanted |= Q(entry__verb__startswith=one[:-1]) if one.endswith(".*") else Q(entry__verb=one)
    return wanted


@transaction.atomic
def _settle(attempt: Attempt, answer: Answer, *, go_on: bool) -> tuple[bool, Attempt | None]:
    """Write down what came of it: whether it was delivered, and the next letter of a webhook that is kept hold of."""
    webhook = Webhook.objects.select_for_update().filter(pk=attempt.webhook_id, held_until=attempt.held_until).first()
    if webhook is None:
        return False, None  # removed meanwhile, or another worker goes on
    now = clock.now()
    attempts = webhook.attempts + 1
    judged = verdict(answer, attempts=attempts, now=now, chance=random.random())  # noqa: S311 -- spread, no secret
    _note(webhook, attempt.happened, answer, judged, attempts)
    if webhook.next_seq <= attempt.happened.seq:  # else it was resumed meanwhile, and told to skip
        webhook.attempts = attempts
        _move(webhook, attempt.happened, judged, now)
    following = None
    if judged.is_done and go_on and webhook.is_active:
        with suppress(SealedError):
            following = _written(webhook, now + HOLD, now, latest_seq())
    webhook.held_until = following.held_until if following else None
    webhook.save()
    return judged.is_done, following


def _move(webhook: Webhook, told: Happened, judged: Verdict, now: datetime) -> None:
    webhook.error, webhook.due_at = judged.why[:500], judged.at
    if judged.is_done:
        webhook.attempts, webhook.next_seq, webhook.delivered_at = 0, told.seq + 1, now
    elif judged.at is None and webhook.is_active:
        _pause(webhook, judged.why, told.seq)


def _pause(webhook: Webhook, why: str, seq: int) -> None:
    webhook.is_active, webhook.paused_because = False, why[:500]
    facts = {"why": why[:500], "seq": seq}
    ledger.append(actor=WEBHOOKS, verb="webhook.paused", subject=f"webhook:{webhook.name}", facts=facts)


def _note(webhook: Webhook, told: Happened, answer: Answer, judged: Verdict, attempts: int) -> None:
    WebhookDelivery.objects.update_or_create(
        webhook=webhook,
        uid=told.uid,
        defaults={
            "seq": told.seq,
            "type": told.type,
            "subject": told.subject,
            "attempts": attempts,
            "status": answer.status,
            "error": judged.why[:500],
            "took_ms": answer.took_ms,
            "tried_at": clock.now(),
            "is_delivered": judged.is_done,
        },
    )
    if told.seq % TIDIED_EVERY == 0:
        oldest = webhook.deliveries.order_by("-pk").values_list("pk", flat=True)[KEPT : KEPT + 1]
        webhook.deliveries.filter(pk__lte=next(iter(oldest), 0)).delete()
