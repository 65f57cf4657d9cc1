"""Examine the ledger for ever, a piece at a time: new records first, then all of them once more."""

import logging
from dataclasses import dataclass

from django.db import transaction

from audit import guards, signer
from audit.condition import Verified, verified
from audit.errors import RollbackError
from audit.findings import Finding, Report
from audit.models import Document, Leaf, LogState, Verification
from audit.services.fsck import compare_with_state, examine_waiting_entries, find_strays, hash_documents
from audit.walking import Walk
from core import clock
from proof.merkle import CompactRange

logger = logging.getLogger(__name__)

ROW = 1
PIECE = 2_000
CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """Records examined in a row: where the walk stands now, and the tree behind it."""

    size: int
    tree: CompactRange


def examine_on(*, records: int = PIECE) -> Verified:
    """Examine up to so many new records, and as many of the old ones again; remember how far it came.

    Safe twice and by many at once: the row is held, and a piece that differs is examined again until it no longer does.
    """
    with transaction.atomic():
        Verification.objects.get_or_create(pk=ROW, defaults={"began_at": clock.now()})
        state = Verification.objects.select_for_update().get(pk=ROW)
        report = Report()
        try:
            _tip(state, report, records)
            _again(state, report, records)
        except RollbackError as error:
            _note(state, error.detail)
        else:
            _note(state, report.findings[0].sentence if report.findings else "")
        state.save()
    return verified()


def _tip(state: Verification, report: Report, records: int) -> None:
    """The records that nobody examined yet. The signer's memory is read first, so that the database is never older."""
    most = max(state.size, signer.last_head().size)
    size = LogState.objects.filter(pk=1).values_list("size", flat=True).first() or 0
    if size < most:
        detail = f"There were {most} records, but the database holds {size}: it went back in time."
        raise RollbackError(detail)
    end = min(size, state.size + records)
    found = _walk(report, state.size, state.tip, end)
    if not report.intact:
        return
    state.size, state.tip = found.size, found.tree.to_hashes()
    if state.size == size:
        state.at = clock.now()


def _again(state: Verification, report: Report, records: int) -> None:
    """The records that were examined before, from the first to the last, then from the first again."""
    before = report.differences
    found = _walk(report, state.position, state.passed, min(state.size, state.position + records))
    if report.differences == before:
        state.position, state.passed = found.size, found.tree.to_hashes()
        if state.size and state.position >= state.size:
            _finish_pass(state, report)


def _finish_pass(state: Verification, report: Report) -> None:
    """What is not seen record by record: entries without a place, and the sequencer's memory."""
    before = report.differences
    signed, log = signer.last_head(), LogState.objects.filter(pk=1).first()
    if log and log.size == state.size:
        compare_with_state(report, CompactRange.from_hashes(state.size, state.tip), signed, log)
    find_strays(report)
    examine_waiting_entries(report)
    for sentence in guards.missing():
        report.add(Finding(kind="guard", sentence=sentence))
    if report.differences == before:
        state.position, state.passed, state.began_at = 0, [], clock.now()
        state.passes += 1


def _walk(report: Report, start: int, hashes: list[str], end: int) -> _Stretch:
    walk = Walk(report, CompactRange.from_hashes(start, hashes), signer.last_head())
    while walk.tree.size < end and report.intact:
        place = walk.tree.size
        wanted = Leaf.objects.filter(seq__gte=place, seq__lt=min(end, place + CHUNK))
        leaves = list(wanted.order_by("seq").select_related("entry"))
        if not leaves:
            report.add_missing(place)
            break
        named = walk.take(leaves)
        if named:
            hash_documents(Document.objects.filter(pk__in=named), report)
    return _Stretch(size=walk.tree.size, tree=walk.tree)


def _note(state: Verification, problem: str) -> None:
    if problem and problem != state.problem:
        state.problem_at = clock.now()
        logger.critical("ledger differs from what was signed", extra={"why": problem})
    if not problem:
        state.problem_at = None
    state.problem = problem
