"""Put the one rule that all share to what the executor's own index holds, and count what only the log can count."""

from datetime import datetime

from agents.execution.held import EVERYTHING, Dossier
from agents.execution.index import Index
from audit.errors import TamperedError
from audit.services.fetch import fetch
from core.errors import NotFoundError
from proof import canonical, quorum
from proof.documents import DocumentError, parse_statement
from proof.envelope import SignatureError
from proof.overrides import review_of
from proof.signatures import read_sidecar
from proof.verdict import Verdict

INTENDED = "run.intended"


def judge(index: Index, held: Dossier, *, now: datetime, below: int = EVERYTHING, policy: bytes = b"") -> Verdict:
    """The verdict over a dossier at a place of the log; under another policy than its own where one is given."""
    return quorum.evaluate(
        held.change_bytes,
        held.records,
        held.registry,
        policy or held.policy_bytes,
        now=now,
        audience=held.change.audience,
        size=below if below != EVERYTHING else None,
        find=_find,
        open_overrides=_open_overrides(index, held, now=now, below=below),
    )


def _find(digest: str) -> bytes | None:
    try:
        return fetch(digest)
    except (NotFoundError, TamperedError):
        return None


def _open_overrides(index: Index, held: Dossier, *, now: datetime, below: int) -> frozenset[str]:
    """Overrides under which something ran and which others have not reviewed; rows and clocks are not asked."""
    ran = [
        one
        for one in index.of_kind("override", below=below)
        if index.entries({INTENDED}, about=f"change:{one.about}", below=below)
    ]
    found = {digest for one in ran if (digest := _statement(one.content))}
    size = below if below != EVERYTHING else None
    records = [*held.records, *held.overrides]
    reviews = {digest: review_of(digest, records, held.registry, now=now, size=size) for digest in found}
    return frozenset(digest for digest, review in reviews.items() if review.signer and not review.closed)


def _statement(sidecar: bytes) -> str:
    try:
        payload = read_sidecar(sidecar).payload
        parse_statement(payload)
    except (SignatureError, DocumentError):
        return ""
    return canonical.sha256(payload)
