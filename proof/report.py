"""What the verifier found, for people and for programs."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from proof.keys import KeyFormatError, key_id_of
from proof.pins import Pinned
from proof.render import sentence
from proof.words import words

__all__ = ["ChangeFinding", "DamageError", "Pinned", "Report"]

SELECTION = "This is a selection: it does not show that nothing was left out."
CLOCK = "time: this machine's word; no witness vouches for it"
ALONE = "One program on one computer held every service key, and nobody outside saw the log."


class DamageError(ValueError):
    """What follows cannot be checked, since what it rests on is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFinding:
    """A change that ran, and what its signatures come to at that time.

    Attributes:
        seq: of the entry that says that it was to run.
        by: who decided, as sentences.
        result: how it ended by the executor's signed word; empty if there is none.
    """

    digest: str
    seq: int
    state: str
    intent: str
    reasons: tuple[str, ...]
    by: tuple[str, ...] = ()
    result: str = ""


@dataclass(slots=True, kw_only=True)
class Report:
    """Filled while the bundle is checked.

    Attributes:
        findings: what is wrong; one is enough for exit code 1.
        gaps: what is missing and would be needed; exit code 2.
        remarks: what one should know although nothing is wrong.
        witnesses: who signed the head beside the log.
        first_seen, last_seen: POSIX seconds, between which witnesses saw the log; 0 for never.
        elsewhere: size of the head from elsewhere that the log leads through; -1 for none.
        has_lattice_key, unchecked: whether the log signs with ML-DSA too, and whether that could not be checked here.
    """

    trust: str = "self"
    kind: str = ""
    subject: str = ""
    origin: str = ""
    first: int = 0
    last: int = 0
    size: int = 0
    entries: int = 0
    tree_root: str = ""
    root_public: str = ""
    findings: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    changes: list[ChangeFinding] = field(default_factory=list)
    assurance: dict[str, object] = field(default_factory=dict)
    witnesses: list[str] = field(default_factory=list)
    first_seen: int = 0
    last_seen: int = 0
    elsewhere: int = -1
    has_lattice_key: bool = False
    unchecked: bool = False

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

    @property
    def scope(self) -> str:
        """What the bundle is about, as it says itself."""
        if self.kind == "complete":
            return f"complete({self.first}, {self.last})"
        return f"selected({self.subject})"

    def as_json(self) -> dict[str, object]:
        """The report for programs."""
        return {
            "result": ("intact", "broken", "incomplete")[self.exit_code],
            "trust": self.trust,
            "kind": self.kind,
            "scope": self.scope,
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
                {
                    "change": item.digest,
                    "seq": item.seq,
                    "state": item.state,
                    "reasons": list(item.reasons),
                    "by": list(item.by),
                    "result": item.result,
                }
                for item in self.changes
            ],
            "witnesses": self.witnesses,
            "time": {"word_of": "witnesses" if self.last_seen else "this machine", "last_seen": self.last_seen},
            "elsewhere": self.elsewhere,
            "ml_dsa": "not checked" if self.unchecked else "checked" if self.has_lattice_key else "none",
            "assurance": self.assurance,
        }

    def as_text(self) -> str:
        """The report for people; the first line is the answer."""
        lines = [self._headline()]
        lines += [f"  wrong: {item}" for item in self.findings] + [f"  missing: {item}" for item in self.gaps]
        if self.tree_root:
            lines.append(f"  {self.scope}: {self.entries} of {self.size} entries of {self.origin}")
            lines.append(f"  head of the tree: {self.tree_root}")
            lines.append(f"  signed by the log{' and ' + ', '.join(self.witnesses) if self.witnesses else ' alone'}")
            lines.append(f"  {self._times()}")
        if self.elsewhere >= 0:
            lines.append(f"  leads through the head of {self.elsewhere} entries from elsewhere")
        for item in self.changes:
            lines.append(f"  ran: {item.intent} {item.state} ({item.digest[:12]}, entry {item.seq})")
            lines += [f"    {how}" for how in item.by]
            lines += [f"    ended: {item.result}"] if item.result else []
        lines += [f"  note: {item}" for item in self.remarks]
        lines += [f"  {name}: {value}" for name, value in sorted(self.assurance.items())]
        return "\n".join(sentence(line) for line in lines) + "\n"

    def _times(self) -> str:
        if not self.last_seen:
            return CLOCK
        first, last = (datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for at in self._seen)
        return f"time: witnesses saw the log grow from {first} to {last}; between, this machine's word"

    @property
    def _seen(self) -> tuple[int, int]:
        return self.first_seen, self.last_seen

    def _headline(self) -> str:
        if self.exit_code == 1:
            return "NOT INTACT"
        if self.exit_code == 2:
            return "INCOMPLETE"
        if self.trust == "self":
            return f"INTACT, AUTHOR NOT IDENTIFIED: root {self.root_words}"
        return f"INTACT: root {self.root_words}"
