"""Had every change that ran been allowed to, by what was in the ledger before it?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from proof import quorum, times
from proof.contents import ChangeRecord, changes_of
from proof.documents import Change, DocumentError, Entry, parse_change, parse_policy, parse_statement
from proof.envelope import SignatureError
from proof.quorum import State
from proof.records import Record
from proof.registry import Registry
from proof.report import ChangeFinding, Report
from proof.signatures import read_sidecar

RUN, DECISION, CHANGE_NAME = "run.intended", "decision.recorded", "change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a judgement rests on; all of it has been checked against the tree or against signatures.

    Attributes:
        documents: bytes by digest.
        registries: all versions, oldest first.
        policies: bytes by digest, oldest first.
    """

    entries: Sequence[tuple[int, Entry]]
    documents: Mapping[str, bytes]
    registries: Sequence[Registry]
    policies: Mapping[str, bytes]


def check_runs(material: Material, members: Mapping[str, bytes], report: Report) -> None:
    """Judge each change that ran, at the time and by the statements of the ledger before its entry."""
    records = {record.digest: record for record in changes_of(members.get("changes.json", b""))}
    recorded = _statements(material, report)
    ran: set[str] = set()
    for seq, entry in material.entries:
        if entry.verb != RUN:
            continue
        digests = [digest for name, digest in entry.documents if name == CHANGE_NAME]
        if len(digests) != 1:
            report.findings.append(f"Entry {seq} says that something was to run, but does not name one change.")
            continue
        if digests[0] in ran:
            report.remarks.append(f"Change {digests[0][:12]} was taken up again in entry {seq}.")
        ran.add(digests[0])
        _judge(material, report, (seq, entry), digests[0], recorded.get(digests[0], []))
    _check_records(material, records, ran, report)


def _judge(material: Material, report: Report, run: tuple[int, Entry], digest: str, records: Sequence[Record]) -> None:
    (seq, entry), data = run, material.documents.get(digest)
    if data is None:
        report.gaps.append(f"Change {digest[:12]}, which ran in entry {seq}, is not in the bundle.")
        return
    try:
        change = parse_change(data)
    except DocumentError as error:
        report.findings.append(f"What ran in entry {seq} is not a change: {error}")
        return
    registry = _registry_at(material.registries, entry.at)
    policy = material.policies.get(change.policy_sha256)
    if policy is None or registry is None:
        report.gaps.append(f"The policy or the registry under which change {digest[:12]} ran is not in the bundle.")
        return
    now = times.parse(entry.at)
    verdict = quorum.evaluate(data, records, registry, policy, now=now, audience=change.audience, size=seq)
    found = ChangeFinding(digest=digest, seq=seq, state=verdict.state, intent=change.intent, reasons=verdict.reasons)
    report.changes.append(found)
    if verdict.state is not State.GRANTED:
        why = " ".join(verdict.reasons)
        report.findings.append(f"Change {digest[:12]} ran in entry {seq} although it was {verdict.state}: {why}")
    if entry.at < change.not_before:
        report.findings.append(f"Change {digest[:12]} ran in entry {seq}, before the time from which it might.")
    _check_policy(material, change, found, report)
    _remark_revocations(material.registries[-1], verdict, report)


def _check_policy(material: Material, change: Change, found: ChangeFinding, report: Report) -> None:
    """No change may be made under a policy that a newer one had replaced by then."""
    newest = ""
    for digest, data in material.policies.items():
        if parse_policy(data).created_at <= change.created_at:
            newest = digest
    if newest != change.policy_sha256:
        report.findings.append(f"Change {found.digest[:12]} was made under a policy that was not in force then.")


def _remark_revocations(newest: Registry, verdict: quorum.Verdict, report: Report) -> None:
    for person_id, key_id, _ in verdict.counted:
        key = newest.key(key_id)
        if key is not None and key.revoked_at:
            report.remarks.append(
                f"Valid when it ran; the key {key_id[:12]} of {person_id} was revoked later, at {key.revoked_at}."
            )


def _registry_at(registries: Sequence[Registry], at: str) -> Registry | None:
    return next((registry for registry in reversed(registries) if registry.created_at <= at), None)


def _statements(material: Material, report: Report) -> dict[str, list[Record]]:
    """The signed statements that entries name, by the change that they are about, in the order of the ledger."""
    found: dict[str, list[Record]] = {}
    for seq, entry in material.entries:
        for _, digest in entry.documents:
            data = material.documents.get(digest)
            if data is None and entry.verb == DECISION:
                report.gaps.append(f"A decision that entry {seq} names is not in the bundle: {digest[:12]}.")
            about = _about(data) if data is not None else ""
            if data is not None and about:
                found.setdefault(about, []).append(Record(seq, data))
    return found


def _about(data: bytes) -> str:
    """The digest of the change that a signed statement is about; empty if this is no signed statement."""
    try:
        return parse_statement(read_sidecar(data).payload).change_sha256
    except (SignatureError, DocumentError):
        return ""


def _check_records(material: Material, records: Mapping[str, ChangeRecord], ran: set[str], report: Report) -> None:
    """The exporter's own list must agree with the ledger."""
    for digest in sorted(ran - set(records)):
        report.findings.append(f"changes.json leaves out change {digest[:12]}, which ran.")
    for digest, record in records.items():
        if record.ran != (digest in ran):
            report.findings.append(f"changes.json says something else than the ledger about change {digest[:12]}.")
        for name in (digest, *record.sidecars):
            if name not in material.documents:
                report.gaps.append(f"changes.json names {name[:12]}, which is not in the bundle.")
