"""Drafts as pages, API and terminal show them: what they will say, who has signed, who may."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff
from json import dumps

from approvals import activation, drafting, edit_sentences, registry
from approvals.models import Draft, DraftKind, DraftState, PolicyVersion, RegistryVersion
from approvals.roots import people_of
from audit import ledger
from people.selectors import names
from proof.documents import parse_policy
from proof.multisig import parse_signatures
from proof.words import six_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigner:
    """Somebody who signed a draft."""

    key_id: str
    person_id: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceremony:
    """A draft.

    Attributes:
        headline: what will be said, in one sentence; `sentences` all of it.
        attestations: what whoever co-signs vouches for.
        signed: who did, as people; `have` counts the root members, `threshold` how many it takes.
        may: ids of the people who may sign and have not.
        voids: how many open requests a policy would void.
    """

    draft: Draft
    headline: str
    sentences: Sequence[str]
    attestations: Sequence[str]
    signed: Sequence[Cosigner]
    threshold: int
    missing: int
    may: frozenset[str]
    words: Sequence[str]
    voids: int

    @property
    def is_open(self) -> bool:
        """Whether signatures are collected."""
        return bool(self.draft.state == DraftState.OPEN)

    @property
    def have(self) -> int:
        """How many of those needed are there."""
        return max(0, self.threshold - self.missing)

    @property
    def empty(self) -> range:
        """The lines that nobody has signed yet."""
        return range(self.missing)


def ceremony(draft: Draft) -> Ceremony:
    """One draft."""
    asked = [edit for edit in draft.edits if edit["op"] != "person" or len(draft.edits) == 1]
    so_far = drafting.progress(draft) if draft.state == DraftState.OPEN else None
    rows = list(draft.signatures.order_by("signed_at"))
    people = names(row.person_id for row in rows if row.person_id)
    signed = [
        Cosigner(
            key_id=row.key_id,
            person_id=row.person_id,
            name=people[row.person_id].name if row.person_id in people else "the recovery key",
            at=row.signed_at,
        )
        for row in rows
    ]
    return Ceremony(
        draft=draft,
        headline=_headline(draft),
        sentences=[edit_sentences.sentence(edit) for edit in draft.edits],
        attestations=[text for edit in asked if (text := edit_sentences.attestation(edit))],
        signed=signed,
        threshold=so_far.threshold if so_far else 0,
        missing=so_far.missing if so_far else 0,
        may=frozenset(people_of(so_far.keys)) - {row.person_id for row in rows} if so_far else frozenset(),
        words=six_words(draft.document_sha256) if draft.document_sha256 else [],
        voids=_voids(draft),
    )


def standing() -> list[Ceremony]:
    """All drafts that are open or wait, the open ones first."""
    rows = Draft.objects.filter(state__in=[DraftState.OPEN, DraftState.WAITING]).prefetch_related("signatures")
    return [ceremony(row) for row in sorted(rows, key=lambda row: (row.state != DraftState.OPEN, row.pk))]


def difference(draft: Draft) -> str:
    """The document to be signed against the one in force, line by line."""
    if not draft.document_sha256:
        return ""
    before = registry.chain()[-1][0] if draft.kind == DraftKind.REGISTRY else _policy_before()
    lines = unified_diff(_lines(before), _lines(drafting.content(draft)), "in force", "to be signed", lineterm="", n=2)
    return "\n".join(lines)


def signed_by(version: RegistryVersion) -> list[str]:
    """The key ids that signed a version."""
    return [item.key_id for item in parse_signatures(ledger.fetch(version.signature_sha256)).signatures]


def _headline(draft: Draft) -> str:
    if draft.kind == DraftKind.POLICY:
        return f"Policy {draft.version} comes into force"
    return edit_sentences.headline(draft.edits)


def _voids(draft: Draft) -> int:
    if draft.kind != DraftKind.POLICY or not draft.document_sha256:
        return 0
    return len(activation.would_void(parse_policy(drafting.content(draft))))


def _policy_before() -> bytes:
    row = PolicyVersion.objects.order_by("-version").first()
    return ledger.fetch(row.sha256) if row else b"{}"


def _lines(data: bytes) -> list[str]:
    return dumps(registry.read(data), indent=1, sort_keys=True, ensure_ascii=False).splitlines()
