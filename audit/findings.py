"""What an examination of the ledger found, in words and for programs."""

from dataclasses import asdict, dataclass, field
from typing import Any

MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place where the record is not what it should be.

    Attributes:
        kind: a stable slug for programs.
        sentence: what is wrong, for people.
        seq: the record's number, or None when it has none.
        expected: what should be there, a hash where there is one.
        found: what is there.
        before: the record before, as one line.
        after: the record after, as one line.
    """

    kind: str
    sentence: str
    seq: int | None = None
    expected: str = ""
    found: str = ""
    before: str = ""
    after: str = ""


@dataclass(slots=True, kw_only=True)
class Report:
    """The result of an examination.

    Attributes:
        size: how many records were recomputed.
        root: their root, recomputed, in hex.
        checkpoint: the size of the newest checkpoint that fits; 0 without any.
        pending: entries that wait for their place.
        documents: how many kept documents were hashed again.
        erased: how many of the entries lost their facts by an order.
        breaks: sentences about records that were lost, and about which the record says so itself.
        differences: how many differences there are in all; the first few are in `findings`.
    """

    size: int = 0
    root: str = ""
    checkpoint: int = 0
    pending: int = 0
    documents: int = 0
    differences: int = 0
    findings: list[Finding] = field(default_factory=list)
    erased: int = 0
    breaks: list[str] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        """Whether all is as it was written."""
        return self.differences == 0

    def add(self, finding: Finding) -> None:
        """Count a difference, and keep it if it is among the first."""
        self.differences += 1
        if len(self.findings) < MOST:
            self.findings.append(finding)

    def add_missing(self, seq: int) -> None:
        """A record that should be there is not."""
        self.add(Finding(kind="missing", sentence=f"Record {seq} is missing.", seq=seq))

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {"intact": self.intact, **asdict(self)}

    def as_text(self) -> str:
        """For people: the verdict first, then where it first differs."""
        if self.intact:
            lines = [
                f"Intact: {self.size} records, {self.documents} documents, {self.pending} waiting for their place.",
                f"Root {self.root}, signed up to record {self.checkpoint}.",
                *(
                    [f"The facts of {self.erased} of them were erased, each by an order in the record."]
                    * bool(self.erased)
                ),
                *self.breaks,
            ]
            return "\n".join(lines)
        how_many = "1 difference" if self.differences == 1 else f"{self.differences} differences, the first ones"
        lines = [f"NOT INTACT: {how_many}:"]
        for finding in self.findings:
            lines.append(finding.sentence)
            lines += [
                f"  {label} {text}"
                for label, text in (
                    ("should be:", finding.expected),
                    ("is:       ", finding.found),
                    ("before it:", finding.before),
                    ("after it: ", finding.after),
                )
                if text
            ]
        return "\n".join(lines)
