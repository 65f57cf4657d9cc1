"""What the verifier found, for people and for programs."""

from dataclasses import dataclass, field

from proof.keys import KeyFormatError, key_id_of
from proof.render import sentence
from proof.words import words

SELECTION = "This is a selection: it does not show that nothing was left out."
CLOCK = "Times are the word of the machine that wrote them; no witness vouches for them."


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """What one knows from elsewhere than the bundle.

    Attributes:
        root_public: PEM of the registry's root.
        log: the log's verifier key, `name+hint+key`.
    """

    root_public: str
    log: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFinding:
    """A change that ran, and what its signatures come to at that time."""

    digest: str
    seq: int
    state: str
    intent: str
    reasons: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Report:
    """Filled while the bundle is checked.

    Attributes:
        findings: what is wrong; one is enough for exit code 1.
        gaps: what is missing and would be needed; exit code 2.
        remarks: what one should know although nothing is wrong.
    """

    trust: str = "self"
    kind: str = ""
    subject: str = ""
    origin: str = ""
    size: int = 0
    entries: int = 0
    tree_root: str = ""
    root_public: str = ""
    findings: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    changes: list[ChangeFinding] = field(default_factory=list)
    assurance: dict[str, object] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 intact, 1 not, 2 incomplete."""
        return 1 if self.findings else 2 if self.gaps else 0

    @property
    def root_words(self) -> str:
        """The registry's root as twelve words; empty if there is none."""
        try:
            return " ".join(words(key_id_of(self.root_public), 12))
        except KeyFormatError:
            return ""

    def as_json(self) -> dict[str, object]:
        """The report for programs."""
        return {
            "result": ("intact", "broken", "incomplete")[self.exit_code],
            "trust": self.trust,
            "kind": self.kind,
            "subject": self.subject,
            "origin": self.origin,
            "size": self.size,
            "entries": self.entries,
            "tree_root": self.tree_root,
            "root_words": self.root_words,
            "findings": self.findings,
            "gaps": self.gaps,
            "remarks": self.remarks,
            "changes": [
                {"change": item.digest, "seq": item.seq, "state": item.state, "reasons": list(item.reasons)}
                for item in self.changes
            ],
            "assurance": self.assurance,
        }

    def as_text(self) -> str:
        """The report for people; the first line is the answer."""
        lines = [self._headline()]
        lines += [f"  wrong: {item}" for item in self.findings] + [f"  missing: {item}" for item in self.gaps]
        if self.tree_root:
            lines.append(
                f"  {self.kind} {self.subject or 'everything'}: {self.entries} of {self.size} entries of {self.origin}"
            )
            lines.append(f"  head of the tree: {self.tree_root}")
        lines += [f"  ran: {item.intent} {item.state} ({item.digest[:12]}, entry {item.seq})" for item in self.changes]
        lines += [f"  note: {item}" for item in self.remarks]
        lines += [f"  {name}: {value}" for name, value in sorted(self.assurance.items())]
        return "\n".join(sentence(line) for line in lines) + "\n"

    def _headline(self) -> str:
        if self.exit_code == 1:
            return "NOT INTACT"
        if self.exit_code == 2:
            return "INCOMPLETE"
        if self.trust == "self":
            return f"INTACT, AUTHOR NOT IDENTIFIED: root {self.root_words}"
        return f"INTACT: root {self.root_words}"
