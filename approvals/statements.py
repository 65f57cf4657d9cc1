"""The statements that are signed: what they say, and whether one that comes back is the one that was handed out."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from audit import keystore
from audit.selectors import latest_checkpoint
from core import clock
from core.errors import RefusedError
from proof import canonical
from proof.documents import (
    AUTO_DECISION,
    DECISION,
    OVERRIDE,
    STATEMENT,
    Change,
    DocumentError,
    Standing,
    Statement,
    parse_statement,
)
from proof.render import render
from proof.render_standing import render_standing

FILLED_IN: Final = ("comment_commitment", "sections_seen", "viewed_ms")
"""What the signer's side may fill in; all else is as it was handed out, byte for byte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who will sign, and with which of their keys."""

    person_id: str
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a statement is about and when.

    Attributes:
        content: the bytes of the change or of the standing approval; `change` the same, read.
        request: id of the request; 0 for a standing approval.
        registry_version: of the registry in force.
        standing_tier: of a standing approval, the tier that the limits give it.
    """

    content: bytes
    change: Change | Standing
    request: int
    nonce: str
    registry_version: int
    issued_at: datetime
    expires_at: datetime
    standing_tier: str = ""

    @property
    def name(self) -> str:
        """What it is about, as statements name it."""
        if isinstance(self.change, Standing):
            return f"standing/{self.change.id}"
        return f"change/{self.change.id}@{self.change.version}"

    @property
    def tier(self) -> str:
        """As its signer is shown it."""
        return self.standing_tier if isinstance(self.change, Standing) else self.change.tier

    @property
    def text(self) -> str:
        """As its signer is shown it."""
        return render_standing(self.content) if isinstance(self.change, Standing) else render(self.content)


def for_a_person(
    occasion: Occasion, by: Signer, *, decision: str, comment_commitment: str = "", delegation: str = ""
) -> bytes:
    """The template that a person signs, with what they may fill in left at its default."""
    return _bytes(DECISION, occasion, _of_a_person(occasion, by, decision, comment_commitment, delegation))


def for_an_override(occasion: Occasion, by: Signer, *, incident: str, reason_commitment: str) -> bytes:
    """The template that a person signs who takes a change on themselves alone."""
    told = _of_a_person(occasion, by, "approve", "", "")
    return _bytes(OVERRIDE, occasion, {**told, "incident": incident, "reason_commitment": reason_commitment})


def for_the_policy(occasion: Occasion, *, route: str, key_id: str, snapshot_sha256: str, standing: str = "") -> bytes:
    """What the policy service signs when it decides alone, or under a standing approval of that digest."""
    particulars = {"decision": "approve", "key_id": key_id, "route": route, "snapshot_sha256": snapshot_sha256}
    return _bytes(AUTO_DECISION, occasion, {**particulars, "standing": standing})


def commitment(salt: bytes, comment: str) -> str:
    """How a comment stands in a statement: it binds the words and tells nothing to who lacks the salt."""
    return hashlib.sha256(salt + comment.encode("utf-8")).hexdigest() if comment else ""


def filled_in(template: bytes, *, viewed_ms: int, sections_seen: list[str], comment_commitment: str) -> bytes:
    """A template as the signer's side completes it before signing."""
    document = _document(template)
    document["predicate"].update(
        viewed_ms=viewed_ms, sections_seen=sections_seen, comment_commitment=comment_commitment
    )
    return canonical.dumps(document)


def read(data: bytes) -> Statement:
    """Read a statement.

    Raises:
        RefusedError: It is none.
    """
    try:
        return parse_statement(data)
    except DocumentError as error:
        detail = f"What was signed is not a decision: {error}"
        raise RefusedError(detail) from error


def require_as_handed_out(statement: bytes, template: bytes) -> None:
    """Refuse a statement that differs from its template in more than what the signer may fill in.

    Raises:
        RefusedError: It does.
    """
    signed, issued = _document(statement), _document(template)
    for document in (signed, issued):
        for name in FILLED_IN:
            document["predicate"].pop(name, None)
    if canonical.dumps(signed) != canonical.dumps(issued):
        detail = (
            "The signed statement is not the one that was handed out. Open the request again and sign what it shows."
        )
        raise RefusedError(detail)


def _of_a_person(
    occasion: Occasion, by: Signer, decision: str, comment_commitment: str, delegation: str
) -> dict[str, Any]:
    """What any statement of a person says beside what all statements say."""
    head = latest_checkpoint()
    return {
        "decision": decision,
        "delegation": delegation,
        "standing": isinstance(occasion.change, Standing),
        "person_id": by.person_id,
        "key_id": by.key_id,
        "tier_seen": occasion.tier,
        "render_sha256": canonical.sha256(occasion.text.encode("utf-8")),
        "viewed_ms": 0,
        "sections_seen": [],
        "comment_commitment": comment_commitment,
        "log": {"origin": keystore.origin(), "size": head.size if head else 0, "root": head.root if head else ""},
    }


def _document(data: bytes) -> dict[str, Any]:
    return cast("dict[str, Any]", canonical.loads(data))


def _bytes(kind: str, occasion: Occasion, particulars: Mapping[str, Any]) -> bytes:
    digest = canonical.sha256(occasion.content)
    predicate: dict[str, Any] = {
        "request": occasion.request,
        "nonce": occasion.nonce,
        "audience": occasion.change.audience,
        "policy_sha256": occasion.change.policy_sha256,
        "registry_version": occasion.registry_version,
        "issued_at": clock.rfc3339(occasion.issued_at),
        "expires_at": clock.rfc3339(occasion.expires_at),
        **particulars,
    }
    subject = {"name": occasion.name, "digest": {"sha256": digest}}
    return canonical.dumps({"_type": STATEMENT, "predicateType": kind, "subject": [subject], "predicate": predicate})
