"""Had every change that ran been allowed to, by what was in the ledger before it?"""

from collections.abc import Mapping

from proof import quorum, times
from proof.aftermath import Aftermath, is_single_handed
from proof.contents import ChangeRecord, changes_of
from proof.documents import Change, DocumentError, Entry, parse_change, parse_policy
from proof.history import History, Material
from proof.quorum import State
from proof.refused_runs import refused_intents
from proof.report import ChangeFinding, Report
from proof.voices import voices

RUN, CHANGE_NAME = "run.intended", "change"


def check_runs(history: History, listed: bytes, report: Report) -> None:
    """Judge each change that ran, at the place and by the statements of the ledger before its entry.

    Args:
        history: the entries, sorted.
        listed: `changes.json`, the exporter's own list.
        report: gets what is found.
    """
    material = history.material
    records = {record.digest: record for record in changes_of(listed)}
    for seq, digest in history.missing:
        report.gaps.append(f"A decision that entry {seq} names is not in the bundle: {digest[:12]}.")
    aftermath, refused = Aftermath(history), refused_intents(material)
    ran: set[str] = set()
    for seq, entry in material.entries:
        if entry.verb != RUN:
            continue
        digests = [digest for name, digest in entry.documents if name == CHANGE_NAME]
        if len(digests) != 1:
            report.findings.append(f"Entry {seq} says that something was to run, but does not name one change.")
            continue
        if dict(entry.documents).get("intent", "") in refused:
            report.remarks.append(
                f"Change {digests[0][:12]} was intended in entry {seq} and refused; nothing was done."
            )
            ran.add(digests[0])
            continue
        run = _Run(history, aftermath, report, seq, entry)
        run.judge(digests[0], again=digests[0] in ran)
        ran.add(digests[0])
    aftermath.tell_overrides(report)
    _check_records(material, records, ran, report)


class _Run:
    """One entry that says that a change is about to run."""

    def __init__(self, history: History, aftermath: Aftermath, report: Report, seq: int, entry: Entry) -> None:
        self.history, self.aftermath, self.report, self.seq, self.entry = history, aftermath, report, seq, entry

    def judge(self, digest: str, *, again: bool) -> None:
        """Judge the change of that digest."""
        report, seq, at = self.report, self.seq, self.entry.at
        if again:
            report.remarks.append(f"Change {digest[:12]} was taken up again in entry {seq}.")
        data = self.history.material.documents.get(digest)
        if data is None:
            report.gaps.append(f"Change {digest[:12]}, which ran in entry {seq}, is not in the bundle.")
            return
        try:
            change = parse_change(data)
        except DocumentError as error:
            report.findings.append(f"What ran in entry {seq} is not a change: {error}")
            return
        verdict = self._verdict(change, data, digest)
        if verdict is None:
            report.gaps.append(f"The policy or the registry under which change {digest[:12]} ran is not in the bundle.")
            return
        registry = self.history.registry_at(seq, at) or self.history.material.registries[0]
        by = voices(self.history, registry, digest, seq, at, verdict)
        self._report(change, digest, verdict, by)
        self._check_policy(change, digest, again=again)
        if not again:
            self.aftermath.note(report, seq, at, digest, verdict)
        self.aftermath.remark(report, verdict)

    def _verdict(self, change: Change, data: bytes, digest: str) -> quorum.Verdict | None:
        history, seq, at = self.history, self.seq, self.entry.at
        registry = history.registry_at(seq, at)
        policy = history.material.policies.get(change.policy_sha256)
        if policy is None or registry is None:
            return None
        if is_single_handed(policy):
            self.report.remarks.append(f"Change {digest[:12]} ran under a policy for one person: single-handed.")
        return quorum.evaluate(
            data,
            history.records_of(digest, change),
            registry,
            policy,
            now=times.parse(at),
            audience=change.audience,
            size=seq,
            find=history.material.find,
            open_overrides=self.aftermath.open_overrides(seq, at, registry),
        )

    def _report(self, change: Change, digest: str, verdict: quorum.Verdict, by: tuple[str, ...]) -> None:
        report, seq = self.report, self.seq
        why = " ".join(verdict.reasons)
        report.changes.append(
            ChangeFinding(
                digest=digest, seq=seq, state=verdict.state, intent=change.intent, reasons=verdict.reasons, by=by
            )
        )
        if verdict.state is not State.GRANTED and verdict.uncheckable:
            report.gaps.append(f"Whether change {digest[:12]} might run in entry {seq} cannot be told here: {why}")
        elif verdict.state is not State.GRANTED:
            report.findings.append(f"Change {digest[:12]} ran in entry {seq} although it was {verdict.state}: {why}")
        if self.entry.at < change.not_before:
            report.findings.append(f"Change {digest[:12]} ran in entry {seq}, before the time from which it might.")

    def _check_policy(self, change: Change, digest: str, *, again: bool) -> None:
        """No change may be made under a policy that a newer one had replaced, nor begin to run under one (H17)."""
        policies, newest = self.history.material.policies, ""
        for policy, data in policies.items():
            if parse_policy(data).created_at <= change.created_at:
                newest = policy
        if newest != change.policy_sha256:
            self.report.findings.append(f"Change {digest[:12]} was made under a policy that was not in force then.")
        active = self.history.policy_at(self.seq)
        if again or active == change.policy_sha256 or active not in policies:
            return
        if change.policy_sha256 not in parse_policy(policies[active]).accepts:
            self.report.findings.append(
                f"Change {digest[:12]} ran in entry {self.seq}, when its policy had been replaced."
            )


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
