"""What an entry of the log teaches the executor: which versions hold, and what was signed about what."""

import logging

from agents.execution import trust
from agents.execution.index import Index, Noted, Signed, Version
from audit.errors import TamperedError
from audit.services.fetch import fetch
from core.errors import NotFoundError
from proof.documents import DocumentError, Entry, parse_act, parse_statement
from proof.envelope import SignatureError
from proof.signatures import read_sidecar

log = logging.getLogger(__name__)

REGISTRY, POLICY = "registry.published", "policy.activated"
SIDECAR = "sidecar"
NOUNS = frozenset({"act", "assent", "change", "decision", "executor", "ledger", "override", "run", "standing", "step"})
VERBS = frozenset({REGISTRY, POLICY, "remediation.completed", "remediation.failed", "remediation.rolled_back"})


def learn(index: Index, seq: int, entry: Entry) -> None:
    """Keep what matters of an entry; the rest is hashed and forgotten."""
    names = {name for name, _ in entry.documents}
    if entry.verb not in VERBS and entry.verb.partition(".")[0] not in NOUNS and SIDECAR not in names:
        return
    noted = Noted(
        seq=seq,
        at=entry.at,
        actor=entry.actor,
        verb=entry.verb,
        subject=entry.subject,
        about=entry.about,
        documents=entry.documents,
    )
    index.note(noted)
    _learn_version(index, noted)
    for name, digest in entry.documents:
        if name == SIDECAR:
            _learn_statement(index, noted, digest)


def look_again(index: Index) -> None:
    """Ask once more for what the log names and nobody showed."""
    for digest, seq, name in index.missing():
        if _fetch(index, digest, seq, name) is None:
            continue
        index.found(digest, seq)
        entry = index.at(seq)
        if entry is not None and name == SIDECAR:
            _learn_statement(index, entry, digest)
        elif entry is not None:  # versions that came after it may hold now
            for later in index.entries({REGISTRY, POLICY}, above=seq - 1):
                _learn_version(index, later)


def _learn_version(index: Index, entry: Noted) -> None:
    known = {one.seq for noun in ("registry", "policy") for one in index.versions(noun)}
    if entry.seq in known:
        return
    if entry.verb == REGISTRY:
        _learn_registry(index, entry)
    elif entry.verb == POLICY:
        _learn_policy(index, entry)


def _learn_registry(index: Index, entry: Noted) -> None:
    pair = _pair(index, entry, "registry")
    if pair is None:
        return
    chain = [(one.content, one.signature) for one in index.versions("registry")]
    try:
        registry = trust.versions([*chain, pair])[-1]
    except trust.UntrustedError as error:
        log.warning("a registry that the log names teaches nothing", extra={"seq": entry.seq, "why": str(error)})
        return
    found = Version(version=registry.version, seq=entry.seq, sha256=registry.sha256, content=pair[0], signature=pair[1])
    index.add_version("registry", found)


def _learn_policy(index: Index, entry: Noted) -> None:
    pair = _pair(index, entry, "policy")
    registries = trust.registries_at(index, below=entry.seq)
    if pair is None or not registries:
        return
    try:
        policy = trust.policy(registries, *pair)
    except trust.UntrustedError as error:
        log.warning("a policy that the log names teaches nothing", extra={"seq": entry.seq, "why": str(error)})
        return
    known = index.versions("policy")
    if known and policy.version <= known[-1].version:
        return
    digest = dict(entry.documents)["policy"]
    index.add_version(
        "policy",
        Version(version=policy.version, seq=entry.seq, sha256=digest, content=pair[0], signature=pair[1]),
    )


def _learn_statement(index: Index, entry: Noted, digest: str) -> None:
    content = _fetch(index, digest, entry.seq, SIDECAR)
    if content is None:
        return
    about, kind = _about(content)
    index.sign(Signed(seq=entry.seq, sha256=digest, about=about, kind=kind, content=content))


def _about(sidecar: bytes) -> tuple[str, str]:
    """What signed bytes are about, by their own word, and whether they are a decision or an act."""
    try:
        payload = read_sidecar(sidecar).payload
    except SignatureError:
        return "", ""
    try:
        statement = parse_statement(payload)
    except DocumentError:
        pass
    else:
        kind = f"under:{statement.standing}" if statement.standing else "decision"
        return statement.change_sha256, "override" if statement.is_override else kind
    try:
        return parse_act(payload).subject, "act"
    except DocumentError:
        return "", ""


def _pair(index: Index, entry: Noted, name: str) -> tuple[bytes, bytes] | None:
    named = dict(entry.documents)
    if name not in named or "signature" not in named:
        return None
    document = _fetch(index, named[name], entry.seq, name)
    signature = _fetch(index, named["signature"], entry.seq, "signature")
    return (document, signature) if document is not None and signature is not None else None


def _fetch(index: Index, digest: str, seq: int, name: str) -> bytes | None:
    try:
        return fetch(digest)
    except (NotFoundError, TamperedError):
        index.miss(digest, seq, name)
        return None
