"""The particulars of entries: those at hand must be what was committed to, and those missing must have been erased."""

from collections.abc import Mapping

from proof.contents import facts_of
from proof.documents import commitment
from proof.erasure import VERB, ErasureError, erased_by
from proof.history import History
from proof.lines import Walked
from proof.members import Members
from proof.report import DamageError, Report

FOLDER = "facts/"
ALL = "all"
MOST_TOLD = 20


def check_facts(history: History, walked: Walked, members: Members, report: Report) -> None:
    """Hold facts against the entries, and missing ones against the orders to erase.

    Raises:
        DamageError: Facts are not those that their entry committed to.
    """
    names = members.names(FOLDER)
    for name in names:
        _check_shown(name, walked, members)
    if members.manifest.facts == ALL:
        _check_missing(_erased(history, report), walked, report)
    elif len(names) < walked.count:
        report.remarks.append(f"The facts of {walked.count - len(names)} entries are not shown here.")


def _check_shown(name: str, walked: Walked, members: Members) -> None:
    try:
        facts, salt = facts_of(members.take(name))
    except ValueError as error:
        msg = f"{name}: {error}"
        raise DamageError(msg) from error
    if commitment(salt, facts) != walked.commitments.get(name.removeprefix(FOLDER).removesuffix(".json")):
        msg = f"{name} is not what its entry committed to."
        raise DamageError(msg)


def _check_missing(erased: Mapping[tuple[str, str], int], walked: Walked, report: Report) -> None:
    told: dict[int, list[int]] = {}
    for uid, (seq, committed) in walked.without.items():
        order = erased.get((uid, committed))
        if order is None:
            report.findings.append(f"The facts of entry {seq} are missing, and nobody ordered that.")
        else:
            told.setdefault(order, []).append(seq)
    for order, seqs in told.items():
        if len(seqs) <= MOST_TOLD:
            report.remarks += [f"The facts of entry {seq} were erased by entry {order}." for seq in seqs]
        else:
            report.remarks.append(f"The facts of {len(seqs)} entries were erased by entry {order}.")


def _erased(history: History, report: Report) -> Mapping[tuple[str, str], int]:
    """By (uid, commitment), the entry that ordered the erasure; orders that do not hold are findings."""
    found: dict[tuple[str, str], int] = {}
    for seq, entry in history.material.entries:
        if entry.verb != VERB:
            continue
        registry = history.registry_at(seq, entry.at)
        try:
            if registry is None:
                msg = "there was no registry then."
                raise ErasureError(msg)
            erasure = erased_by(entry, history.material.documents, registry)
        except ErasureError as error:
            report.findings.append(f"Entry {seq} erased facts, but its order does not hold: {error}")
            continue
        for uid, committed in erasure.commitments.items():
            found.setdefault((uid, committed), seq)
    return found
