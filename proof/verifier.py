"""Check a bundle with nothing but the bundle and what one knows from elsewhere."""

import io
from collections.abc import Iterable, Mapping
from typing import BinaryIO

from proof import canonical, merkle
from proof.byhand import by_hand, is_by_hand
from proof.contents import CHECKPOINT, ENTRIES, PLACES, BundleError, open_bundle, places_of
from proof.documents import DocumentError, Entry, parse_policy
from proof.envelope import SignatureError
from proof.executions import check_executions
from proof.facts import check_facts
from proof.heads import Heads, check_roots, read_heads
from proof.history import History, Material
from proof.lines import LinesError, Walked, Wanted, walk
from proof.members import DOCUMENTS, Documents, Members
from proof.pins import Pinned, read_pinned
from proof.registry import Registry, RegistryError, parse_chain, verify_policy
from proof.report import ALONE, SELECTION, DamageError, Report
from proof.runs import check_runs
from proof.times import parse
from proof.tlog import Proof, TlogError, read_proof

__all__ = ["check_bundle", "read_pinned", "verify"]

KEPT_VERBS = frozenset({"run.intended", "registry.published", "policy.activated", "ledger.recovered", "ledger.lost"})
SKEW_S = 120


def verify(data: bytes, pinned: Pinned | None = None, *, require_pq: bool = False) -> Report:
    """Check a bundle that is in memory; never raises for what is in it."""
    return check_bundle(io.BytesIO(data), pinned, require_pq=require_pq)


def check_bundle(stream: BinaryIO, pinned: Pinned | None = None, *, require_pq: bool = False) -> Report:
    """Check everything in a bundle where it lies; memory does not grow with the number of its entries.

    Args:
        stream: the archive, seekable.
        pinned: what one knows from elsewhere; None to take the bundle's own word.
        require_pq: whether the log's head must bear an ML-DSA signature that was checked here.
    """
    report = Report(trust="pinned" if pinned else "self")
    try:
        manifest, archive = open_bundle(stream)
        report.kind, report.subject, report.origin = manifest.kind, manifest.subject, manifest.origin
        report.first, report.last = manifest.first, manifest.last
        _check(Members(manifest, archive), pinned, report)
    except (BundleError, DamageError) as error:
        report.findings.append(str(error))
    if require_pq and (report.unchecked or not report.has_lattice_key):
        report.gaps.append("An ML-DSA signature of the log is required, and none was checked.")
    return report


def _check(members: Members, pinned: Pinned | None, report: Report) -> None:
    versions, chain = _registry(members, pinned)
    report.root_public = versions[0].root_public
    if pinned and pinned.root_words and report.root_words != pinned.root_words:
        msg = "The registry's root is not the one whose words are pinned."
        raise DamageError(msg)
    heads = read_heads(members, versions[-1], pinned, report)
    report.size, report.tree_root = heads.head.size, heads.head.root.hex()
    walked = _entries(members, heads, pinned, report)
    report.entries = walked.count
    policies, signed = _policies(members, versions)
    _documents(members)
    _by_hand(members, chain, walked.kept)
    _assurance(members, report)
    _times(heads, walked.kept, report)
    if members.manifest.kind == "selected":
        report.remarks.append(SELECTION)
    material = Material(entries=walked.kept, documents=Documents(members), registries=versions, policies=policies)
    history = History(material)
    _registry_places(material, members, report)
    _policy_roots(history, signed, report)
    check_facts(history, walked, members, report)
    check_runs(history, members.take("changes.json"), report)
    check_executions(history, report)
    members.take("VERIFY.md")
    members.finish()


def _registry(members: Members, pinned: Pinned | None) -> tuple[tuple[Registry, ...], list[bytes]]:
    chain = _versions(members, "registry")
    try:
        versions = parse_chain(chain, root_public=pinned.root_public or None if pinned else None)
    except RegistryError as error:
        msg = f"registry: {error}"
        raise DamageError(msg) from error
    return versions, [data for data, _ in chain]


def _entries(members: Members, heads: Heads, pinned: Pinned | None, report: Report) -> Walked:
    """Read all entries once: their form, the tree, what matters of them."""
    manifest, head = members.manifest, heads.head
    complete = manifest.kind == "complete"
    places = None if complete else places_of(members.take(PLACES))
    if complete and (manifest.first, manifest.last) != (0, head.size):
        msg = f"The bundle says that it is complete, but not that it holds the entries 0 to {head.size - 1}."
        raise DamageError(msg)
    if places and not manifest.first <= places[0] <= places[-1] < min(manifest.last, head.size):
        msg = f"{PLACES} names an entry that is out of range."
        raise DamageError(msg)
    elsewhere = pinned.head() if pinned else None
    wanted = Wanted(
        installation=head.origin.partition("/")[2],
        verbs=KEPT_VERBS,
        uids={name[6:-5] for name in members.names("facts/")},
        every_fact=manifest.facts == "all",
        about="" if complete else manifest.subject,
        sizes={item.size for item in heads.seen} | ({elsewhere.size} if elsewhere else set()) - {0},
    )
    try:
        walked = walk(
            members.chunks(ENTRIES),
            wanted,
            places=places,
            check=lambda seq, item: _check_proof(members, heads, seq, item),
        )
    except LinesError as error:
        raise DamageError(str(error)) from error
    if complete and (walked.count != head.size or walked.roots[walked.count] != head.root):
        if walked.count != head.size:
            msg = f"The bundle says that it is complete, but does not hold the entries 0 to {head.size - 1}."
            raise DamageError(msg)
        msg = "The entries do not make the head of the tree that the log signed."
        raise DamageError(msg)
    members.settle(ENTRIES, walked.sha256)
    check_roots(heads, walked.roots if complete else {}, members, pinned, report)
    return walked


def _check_proof(members: Members, heads: Heads, seq: int, item: bytes) -> None:
    """A selected entry brings a proof under the bundle's own head."""
    head, name = heads.head, f"proofs/{seq}.tlog-proof"
    try:
        found = read_proof(members.take(name).decode("utf-8"))
    except (TlogError, UnicodeDecodeError) as error:
        msg = f"{name} is missing or malformed."
        raise DamageError(msg) from error
    wanted = Proof(index=seq, path=found.path, checkpoint=members.take(CHECKPOINT).decode("utf-8"))
    if found != wanted or not merkle.verify_inclusion(seq, head.size, item, found.path, head.root):
        msg = f"Entry {seq} is not in the tree that the log signed."
        raise DamageError(msg)


def _registry_places(material: Material, members: Members, report: Report) -> None:
    """A complete log names every version of the registry and of the policy when it took effect, in their order."""
    if members.manifest.kind != "complete":
        return
    for verb, name, wanted in (
        ("registry.published", "registry", [version.sha256 for version in material.registries]),
        ("policy.activated", "policy", list(material.policies)),
    ):
        named = [dict(entry.documents).get(name, "") for _, entry in material.entries if entry.verb == verb]
        at = [named.index(digest) if digest in named else -1 for digest in wanted]
        if -1 in at or at != sorted(at):
            report.findings.append(f"Not every version of the {name} stands in the log, in its order.")


def _policy_roots(history: History, signed: dict[str, bytes], report: Report) -> None:
    """The root that was in force where a policy took effect signed it, whatever time the policy names itself (H17)."""
    policies = history.material.policies
    for seq, digest in history.activations():
        if digest not in policies:
            continue
        policy = parse_policy(policies[digest])
        registry = history.registry_at(seq, policy.created_at)
        try:
            if registry is not None:
                verify_policy(policies[digest], signed[digest], [registry], created_at=policy.created_at)
        except SignatureError:
            found = f"Policy {policy.version} took effect in entry {seq}, where its signers were no longer the root."
            report.findings.append(found)


def _documents(members: Members) -> None:
    for name in members.names(DOCUMENTS):
        if canonical.sha256(members.take(name)) != name.removeprefix(DOCUMENTS):
            msg = f"{name} does not hold the bytes that its name says."
            raise DamageError(msg)


def _by_hand(members: Members, chain: list[bytes], kept: Iterable[tuple[int, Entry]]) -> None:
    """What is there for other programs must be what follows from the rest, no more and no less."""
    wanted: Mapping[str, bytes] = by_hand(chain, kept, members.find)
    there = [name for name, _, _ in members.manifest.members if is_by_hand(name)]
    for name in sorted({*wanted, *there}):
        if name not in wanted or not members.has(name) or members.take(name) != wanted[name]:
            msg = f"{name} is not what follows from the entries and the registry."
            raise DamageError(msg)


def _policies(members: Members, versions: tuple[Registry, ...]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The policies by digest, oldest first, each signed by a root's threshold; and their signatures files."""
    found: dict[str, bytes] = {}
    signed: dict[str, bytes] = {}
    before = 0
    for number, (data, signature) in enumerate(_versions(members, "policy"), start=1):
        name = f"policy/{number:04}.json"
        try:
            policy = parse_policy(data)
            verify_policy(data, signature, versions, created_at=policy.created_at)
        except (SignatureError, DocumentError) as error:
            msg = f"{name}: {error}"
            raise DamageError(msg) from error
        if policy.version <= before:
            msg_0 = f"{name} is version {policy.version}, which does not come after version {before}."
            raise DamageError(msg_0)
        before = policy.version
        found[canonical.sha256(data)] = data
        signed[canonical.sha256(data)] = signature
    return found, signed


def _versions(members: Members, folder: str) -> list[tuple[bytes, bytes]]:
    names = members.names(f"{folder}/")
    count = sum(name.endswith(".json") for name in names)
    if names != [f"{folder}/{number:04}.{kind}" for number in range(1, count + 1) for kind in ("json", "sig")]:
        msg = f"The files of {folder}/ are not versions from 0001 on, each with its signature."
        raise DamageError(msg)
    return [
        (members.take(f"{folder}/{number:04}.json"), members.take(f"{folder}/{number:04}.sig"))
        for number in range(1, count + 1)
    ]


def _assurance(members: Members, report: Report) -> None:
    try:
        value = canonical.loads(members.take("assurance.json"))
    except canonical.CanonicalError as error:
        msg = f"assurance.json: {error}"
        raise DamageError(msg) from error
    if not isinstance(value, dict):
        msg = "assurance.json is not an object."
        raise DamageError(msg)
    report.assurance = value
    if value.get("executor") == "in-process" and not report.witnesses:
        report.remarks.append(ALONE)


def _times(heads: Heads, kept: Iterable[tuple[int, Entry]], report: Report) -> None:
    """What witnesses saw, when: no entry may be dated after it was seen, nor before the log was seen without it."""
    times = [item.time for item in heads.seen]
    report.first_seen, report.last_seen = min(times, default=0), max(times, default=0)
    for seq, entry in kept if times else ():
        at = parse(entry.at).timestamp()
        before, after = heads.before(seq), heads.after(seq)
        if before is not None and at > before + SKEW_S:
            report.findings.append(f"Entry {seq} says that it was made at {entry.at}, after a witness had seen it.")
        if after is not None and at < after - SKEW_S:
            report.findings.append(
                f"Entry {seq} says that it was made at {entry.at}, before a witness saw the log without it."
            )
