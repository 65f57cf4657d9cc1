"""What later entries say about a run, and what one run means for the next: revocations, overrides, standing uses."""

from proof import times
from proof.documents import REVOKE_KEY, DocumentError, Statement, parse_policy, parse_standing
from proof.history import History
from proof.overrides import review_of
from proof.registry import Registry
from proof.report import Report
from proof.signed import read_all
from proof.times import later
from proof.verdict import Verdict

HOUR_S = 3_600


class Aftermath:
    """Goes along with the runs, in the order of the ledger."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.newest = history.material.registries[-1]
        self._overrides: dict[str, str] = {}
        self._uses: dict[str, list[str]] = {}
        self._revoked = self._revoking_acts()

    def open_overrides(self, seq: int, at: str, registry: Registry) -> list[str]:
        """The overrides under which something ran before a place, and which nobody had reviewed by then."""
        found = []
        for statement, change in self._overrides.items():
            records = [*self.history.acts(), *self.history.statements_about(change)]
            if not review_of(statement, records, registry, now=times.parse(at), size=seq).closed:
                found.append(statement)
        return found

    def note(self, report: Report, seq: int, at: str, digest: str, verdict: Verdict) -> None:
        """Take a run into account that began for the first time."""
        if verdict.override:
            for claimed in read_all(self.history.statements_about(digest))[0]:
                if isinstance(claimed.said, Statement) and claimed.said.is_override and claimed.index < seq:
                    self._overrides.setdefault(claimed.sha256, digest)
        if verdict.standing:
            self._use(report, seq, at, verdict.standing)

    def remark(self, report: Report, verdict: Verdict) -> None:
        """Say of keys that counted that they were revoked later, and from when on they were not their owners'."""
        for person_id, key_id, _ in verdict.counted:
            key = self.newest.key(key_id)
            if key is None:
                continue
            place = key.revoked_index if key.revoked_index >= 0 else self._revoked.get(key_id, -1)
            when = f"in entry {place}" if place >= 0 else f"at {key.revoked_at}"
            if place >= 0 or key.revoked_at:
                report.remarks.append(
                    f"Valid when it ran; the key {key_id[:12]} of {person_id} was revoked later, {when}."
                )
            if key.compromised_since >= 0:
                report.remarks.append(
                    f"Review what ran with the key {key_id[:12]}: from entry {key.compromised_since} on it was not its "
                    f"owner's, says the registry."
                )

    def tell_overrides(self, report: Report) -> None:
        """Say at the end which overrides there were, and whether others looked at them."""
        for statement, change in self._overrides.items():
            records = [*self.history.acts(), *self.history.statements_about(change)]
            now = times.parse(self.newest.created_at)
            review = review_of(statement, records, self.newest, now=now)
            state = "others reviewed it" if review.closed else "nobody can review this" if not review.needed else "open"
            report.remarks.append(f"Change {change[:12]} ran by the override of {review.signer}: {state}.")

    def _use(self, report: Report, seq: int, at: str, digest: str) -> None:
        data = self.history.material.find(digest)
        try:
            standing = parse_standing(data or b"")
        except DocumentError:
            return
        before = self._uses.setdefault(digest, [])
        recent = [when for when in before if later(when, HOUR_S) > at]
        if len(before) >= standing.max_uses or len(recent) >= standing.per_hour:
            report.findings.append(f"Entry {seq} uses the standing approval {digest[:12]} more often than it says.")
        if before and later(before[-1], standing.cool_down_s) > at:
            report.findings.append(f"Entry {seq} uses the standing approval {digest[:12]} too soon after its last use.")
        before.append(at)
        report.remarks.append(
            f"Entry {seq} ran under the standing approval {standing.id[:12]}, {len(before)} of {standing.max_uses}."
        )

    def _revoking_acts(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for claimed in read_all(self.history.acts())[0]:
            act = claimed.said
            if not isinstance(act, Statement) and act.kind == REVOKE_KEY:
                found.setdefault(act.subject.removeprefix("key:"), claimed.index)
        return found


def is_single_handed(policy: bytes) -> bool:
    """Whether the policy lets one person decide what they proposed; what runs under it is not countersigned."""
    return parse_policy(policy).solo
