"""Compose the answer to a question from what is stored, word for word; where nothing fits, there is none.

Nothing is made up: an answer is one to three stored sentences, each with the document that it stands in.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_SENTENCES = 3
LEAST = 2.0
TOPIC = 2.0
WORD = re.compile(r"[a-z0-9][a-z0-9_./-]*")
EMPTY = frozenset(
    [
        "a",
        "about",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "how",
        "i",
        "if",
        "in",
        "is",
        "it",
        "its",
        "me",
        "my",
        "no",
        "not",
        "of",
        "on",
        "or",
        "our",
        "please",
        "should",
        "so",
        "some",
        "tell",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "us",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)
TOPICS: dict[str, frozenset[str]] = {
    "cause": frozenset(
        ["cause", "caused", "reason", "root", "because", "hypothesis", "think", "believe", "problem", "wrong", "broke"]
    ),
    "doubt": frozenset(["sure", "confidence", "confident", "certain", "likely", "probability", "doubt"]),
    "evidence": frozenset(
        [
            "evidence",
            "proof",
            "show",
            "shows",
            "seen",
            "metric",
            "metrics",
            "log",
            "logs",
            "data",
            "measured",
            "numbers",
        ]
    ),
    "against": frozenset(
        ["against", "contradict", "contradicts", "contradicting", "speaks", "doubts", "otherwise", "else"]
    ),
    "undo": frozenset(["undo", "undone", "undoes", "revert", "reverse", "reversible", "rollback", "back", "restore"]),
    "fail": frozenset(
        [
            "fail",
            "fails",
            "help",
            "helps",
            "helped",
            "work",
            "works",
            "worse",
            "improve",
            "verify",
            "verified",
            "success",
        ]
    ),
    "blast": frozenset(
        [
            "affect",
            "affected",
            "affects",
            "impact",
            "blast",
            "feel",
            "users",
            "customers",
            "services",
            "touch",
            "touches",
            "depend",
        ]
    ),
    "untouched": frozenset(["untouched", "unaffected", "safe", "data", "schema", "secrets"]),
    "risk": frozenset(["risk", "risky", "dangerous", "tier", "score", "critical", "high"]),
    "time": frozenset(["time", "long", "until", "deadline", "window", "expires", "late", "minutes", "hours"]),
    "run": frozenset(["run", "runs", "command", "commands", "step", "steps", "exactly", "execute", "executes"]),
    "policy": frozenset(["policy", "rule", "asked", "approve", "approval", "sign", "signature", "needed"]),
    "before": frozenset(
        ["before", "earlier", "already", "tried", "rejected", "denied", "precondition", "preconditions", "condition"]
    ),
}
"""What people ask about, in the words they use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A stored sentence.

    Attributes:
        topic: one of `TOPICS`.
        source, sha256: the document that it stands in.
    """

    topic: str
    sentence: str
    source: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Sentences that are stored, and where each stands."""

    text: str
    cites: tuple[tuple[str, str], ...]


def compose(question: str, facts: Sequence[Fact]) -> Answer | None:
    """The stored sentences that answer a question best; None where none does. Same inputs, same answer."""
    asked = words(question)
    ranked = sorted(((_score(asked, fact), -place) for place, fact in enumerate(facts)), reverse=True)
    best = ranked[0][0] if ranked else 0.0
    if best < LEAST:
        return None
    chosen = [facts[-place] for score, place in ranked[:MOST_SENTENCES] if score >= max(LEAST, best * 0.75)]
    cites = dict.fromkeys((fact.source, fact.sha256) for fact in chosen)
    return Answer(text=" ".join(dict.fromkeys(_closed(fact.sentence) for fact in chosen)), cites=tuple(cites))


def words(text: str) -> frozenset[str]:
    """The words of a text that mean something."""
    return frozenset(word.strip("./-_") for word in WORD.findall(text.lower())) - EMPTY - {""}


def _score(asked: frozenset[str], fact: Fact) -> float:
    """Words of the topic count more than words of the sentence; a question has to hit one or the other twice."""
    topic = TOPIC if asked & TOPICS[fact.topic] else 0.0
    return topic + len(asked & words(fact.sentence))


def _closed(sentence: str) -> str:
    bare = sentence.strip()
    return bare if bare.endswith((".", "!", "?", "…")) else f"{bare}."
