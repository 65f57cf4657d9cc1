"""A signed statement about a change: a person's decision, or the policy service's."""

from dataclasses import dataclass

from proof.documents.fields import DIGEST, HEX_128, TIME, DocumentError, Fields, document
from proof.documents.types import AUTO_DECISION, DECISION, DECISIONS, ROUTES, STATEMENT, TIERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a key says about one change.

    Attributes:
        kind: predicate type, a person's decision or an automatic one.
        subject_name, change_sha256: the change, as `change/<id>@<version>` and by digest.
        decision: approve, reject, abstain, revoke.
        person_id: who decides; empty for the policy service.
        issued_at: when the template was handed out; `expires_at` until when it may be handed in signed.
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
    log: tuple[str, int, str] | None = None
    route: str = ""
    snapshot_sha256: str = ""

    @property
    def is_automatic(self) -> bool:
        """Whether the policy service speaks, not a person."""
        return self.kind == AUTO_DECISION


def parse_statement(data: bytes) -> Statement:
    """Read the bytes of a decision.

    Raises:
        DocumentError: They are not a statement with one change as its subject and a predicate that we know.
    """
    return document(data, STATEMENT, _statement)


def _statement(f: Fields) -> Statement:
    subjects = f.objects(
        "subject",
        lambda s: (s.text("name"), s.nested("digest", lambda d: d.text("sha256", DIGEST))),
    )
    if len(subjects) != 1:
        msg = "A decision is about exactly one change."
        raise DocumentError(msg)
    kind = f.one_of("predicateType", {DECISION, AUTO_DECISION})
    name, digest = subjects[0]
    if kind == DECISION:
        return f.nested("predicate", lambda p: _decision(p, name, digest))
    return f.nested("predicate", lambda p: _automatic(p, name, digest))


def _decision(f: Fields, name: str, digest: str) -> Statement:
    return Statement(
        kind=DECISION,
        subject_name=name,
        change_sha256=digest,
        decision=f.one_of("decision", DECISIONS),
        key_id=f.text("key_id", DIGEST),
        person_id=f.text("person_id"),
        request=f.integer("request"),
        nonce=f.text("nonce", HEX_128),
        audience=f.text("audience"),
        policy_sha256=f.text("policy_sha256", DIGEST),
        registry_version=f.integer("registry_version", minimum=1),
        issued_at=f.text("issued_at", TIME),
        expires_at=f.text("expires_at", TIME),
        tier_seen=f.one_of("tier_seen", TIERS),
        render_sha256=f.text("render_sha256", DIGEST),
        viewed_ms=f.integer("viewed_ms"),
        sections_seen=f.texts("sections_seen"),
        comment_commitment=f.text("comment_commitment", DIGEST, empty=True),
        log=f.nested("log", _log),
    )


def _log(f: Fields) -> tuple[str, int, str]:
    return f.text("origin"), f.integer("size"), f.text("root", DIGEST, empty=True)


def _automatic(f: Fields, name: str, digest: str) -> Statement:
    return Statement(
        kind=AUTO_DECISION,
        subject_name=name,
        change_sha256=digest,
        decision=f.one_of("decision", {"approve"}),
        key_id=f.text("key_id", DIGEST),
        person_id="",
        request=f.integer("request"),
        nonce=f.text("nonce", HEX_128),
        audience=f.text("audience"),
        policy_sha256=f.text("policy_sha256", DIGEST),
        registry_version=f.integer("registry_version", minimum=1),
        issued_at=f.text("issued_at", TIME),
        expires_at=f.text("expires_at", TIME),
        route=f.one_of("route", ROUTES),
        snapshot_sha256=f.text("snapshot_sha256", DIGEST),
    )
