"""A signed statement about a change or a standing approval: a person's decision, an override, the policy service's."""

from dataclasses import dataclass
from typing import TypedDict

from proof.documents.fields import DIGEST, HEX_128, TIME, DocumentError, Fields, document
from proof.documents.types import AUTO_DECISION, DECISION, DECISIONS, OVERRIDE, ROUTES, STATEMENT, TIERS

STANDING_NAME = "standing/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a key says about one change, or about one standing approval.

    Attributes:
        kind: predicate type: a person's decision, their override, or an automatic decision.
        subject_name, change_sha256: what it is about, as `change/<id>@<version>` or `standing/<id>`, and by digest.
        decision: approve, reject, abstain, revoke.
        person_id: who decides; empty for the policy service.
        issued_at: when the template was handed out; `expires_at` until when it may be handed in signed.
        delegation: digest of the sidecar of the act that lent the right to sign; empty if it is the signer's own.
        standing: of an automatic decision, the digest of the standing approval that it rests on; or empty.
        incident, reason_commitment: of an override, what it is for and the salted digest of the words that say why.
        log: origin, size and root of the log as the signer's side saw it, or None for the policy service.
    """

    kind: str
    subject_name: str
    change_sha256: str
    decision: str
    key_id: str
    person_id: str
    request: int
    nonce: str
    audience: str
    policy_sha256: str
    registry_version: int
    issued_at: str
    expires_at: str
    tier_seen: str = ""
    render_sha256: str = ""
    viewed_ms: int = 0
    sections_seen: tuple[str, ...] = ()
    comment_commitment: str = ""
    delegation: str = ""
    log: tuple[str, int, str] | None = None
    incident: str = ""
    reason_commitment: str = ""
    route: str = ""
    snapshot_sha256: str = ""
    standing: str = ""

    @property
    def is_automatic(self) -> bool:
        """Whether the policy service speaks, not a person."""
        return self.kind == AUTO_DECISION

    @property
    def is_override(self) -> bool:
        """Whether a person takes it on themselves alone."""
        return self.kind == OVERRIDE

    @property
    def is_about_standing(self) -> bool:
        """Whether it is about a standing approval, not about a change."""
        return self.subject_name.startswith(STANDING_NAME)


class _Shared(TypedDict):
    """What every statement says, whoever makes it."""

    kind: str
    subject_name: str
    change_sha256: str
    key_id: str
    request: int
    nonce: str
    audience: str
    policy_sha256: str
    registry_version: int
    issued_at: str
    expires_at: str


def parse_statement(data: bytes) -> Statement:
    """Read the bytes of a decision.

    Raises:
        DocumentError: They are not a statement with one subject and a predicate that we know.
    """
    return document(data, STATEMENT, _statement)


def log_head(f: Fields) -> tuple[str, int, str]:
    """The state of the log that a signer's side saw: origin, size, root."""
    return f.text("origin"), f.integer("size"), f.text("root", DIGEST, empty=True)


def _statement(f: Fields) -> Statement:
    subjects = f.objects(
        "subject",
        lambda s: (s.text("name"), s.nested("digest", lambda d: d.text("sha256", DIGEST))),
    )
    if len(subjects) != 1:
        msg = "A decision is about exactly one thing."
        raise DocumentError(msg)
    kind = f.one_of("predicateType", {DECISION, OVERRIDE, AUTO_DECISION})
    read = _automatic if kind == AUTO_DECISION else _persons
    return f.nested("predicate", lambda p: read(p, _shared(p, kind, subjects[0])))


def _shared(f: Fields, kind: str, subject: tuple[str, str]) -> _Shared:
    return {
        "kind": kind,
        "subject_name": subject[0],
        "change_sha256": subject[1],
        "key_id": f.text("key_id", DIGEST),
        "request": f.integer("request"),
        "nonce": f.text("nonce", HEX_128),
        "audience": f.text("audience"),
        "policy_sha256": f.text("policy_sha256", DIGEST),
        "registry_version": f.integer("registry_version", minimum=1),
        "issued_at": f.text("issued_at", TIME),
        "expires_at": f.text("expires_at", TIME),
    }


def _persons(f: Fields, shared: _Shared) -> Statement:
    override, standing = shared["kind"] == OVERRIDE, shared["subject_name"].startswith(STANDING_NAME)
    if f.boolean("standing") != standing or (standing and override):
        msg = "A decision says whether it is about a standing approval, and this one contradicts itself."
        raise DocumentError(msg)
    return Statement(
        **shared,
        decision=f.one_of("decision", {"approve"} if override else DECISIONS),
        person_id=f.text("person_id"),
        tier_seen=f.one_of("tier_seen", TIERS),
        render_sha256=f.text("render_sha256", DIGEST),
        viewed_ms=f.integer("viewed_ms"),
        sections_seen=f.texts("sections_seen"),
        comment_commitment=f.text("comment_commitment", DIGEST, empty=True),
        delegation=f.text("delegation", DIGEST, empty=True),
        log=f.nested("log", log_head),
        incident=f.text("incident") if override else "",
        reason_commitment=f.text("reason_commitment", DIGEST) if override else "",
    )


def _automatic(f: Fields, shared: _Shared) -> Statement:
    return Statement(
        **shared,
        decision=f.one_of("decision", {"approve"}),
        person_id="",
        route=f.one_of("route", ROUTES),
        snapshot_sha256=f.text("snapshot_sha256", DIGEST),
        standing=f.text("standing", DIGEST, empty=True),
    )
