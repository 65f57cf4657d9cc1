"""A small export in which a change was asked for, decided, and run."""

import re
from functools import partial

from proof import canonical, checkpoint, documents, merkle, note
from proof.bundle import ChangeRecord, Contents, Pinned, pack
from proof.checkpoint import Checkpoint
from proof.detached import sign_detached
from proof.multisig import sign_with_ed25519
from tests.proof.cast import INSTALLATION, LOG, ROOT, at, pem
from tests.proof.factory import change, decide, policy_document, signed_registry

ORIGIN = f"countersign/{INSTALLATION}"
LOG_KEY = str(note.verifier_key(ORIGIN, LOG.public_key()))
PINNED = Pinned(root_public=pem(ROOT), log=(LOG_KEY,))
FACTS, SALT = b'{"note":"x"}', b"s" * 16


def entry(number, verb, when, **named):
    return canonical.dumps(
        {
            "_type": documents.ENTRY,
            "uid": f"{number:032x}",
            "at": when,
            "installation": INSTALLATION,
            "actor": "agent:executor",
            "verb": verb,
            "subject": "incident:42",
            "about": [],
            "documents": [
                {"name": name.partition("__")[0], "sha256": digest} for name, digest in sorted(named.items())
            ],
            "facts_commitment": documents.commitment(SALT, FACTS),
        }
    )


def story(change_bytes=None, sidecars=None, *, ran_at="2026-03-01T12:10:00.000000Z", late=()):
    """The entries of one change's life, and the documents that they name."""
    change_bytes = change_bytes or change()
    sidecars = [decide("ben", change_bytes)] if sidecars is None else sidecars
    digest = canonical.sha256(change_bytes)
    entries = [entry(0, "change.frozen", at(5), change=digest)]
    for sidecar in sidecars:
        named = {"change": digest, "sidecar": canonical.sha256(sidecar)}
        entries.append(entry(len(entries), "decision.recorded", at(9), **named))
    entries.append(entry(len(entries), "run.intended", ran_at, change=digest))
    for sidecar in late:
        entries.append(entry(len(entries), "decision.recorded", at(12), sidecar=canonical.sha256(sidecar)))
    everything = [*sidecars, *late]
    record = ChangeRecord(digest=digest, sidecars=tuple(canonical.sha256(item) for item in everything), ran=True)
    return entries, [change_bytes, *everything], record


def signed_policy(private=ROOT, **changes):
    data = policy_document(**changes)
    return data, sign_with_ed25519(private, documents.POLICY_PAYLOAD, data)


def publications(registry, policies):
    """The entries that say from when on which keys and which policy held."""
    found = []
    for verb, name, versions in (
        ("registry.published", "registry", registry),
        ("policy.activated", "policy", policies),
    ):
        for data, _ in versions:
            when = canonical.loads(data, max_bytes=4_000_000)["created_at"]
            found.append(entry(1000 + len(found), verb, when, **{name: canonical.sha256(data)}))
    return found


def when_of(body):
    """When an entry says that it was made; also of one that is no entry any more."""
    found = re.search(rb'"at":"([^"]*)"', body)
    return found[1] if found else b""


def contents(told=None, *, log=LOG, registry=None, policies=None, **changes):
    """An export of a whole log: the keys, the policy, and what is told."""
    bodies, found, record = told or story()
    registry = [signed_registry()] if registry is None else registry
    policies = [signed_policy()] if policies is None else policies
    bodies = sorted([*publications(registry, policies), *bodies], key=when_of)
    hashes = [merkle.leaf_hash(body) for body in bodies]
    head = Checkpoint(origin=ORIGIN, size=len(bodies), root=merkle.root(hashes))
    fields = {
        "kind": "complete",
        "origin": ORIGIN,
        "first": 0,
        "last": len(bodies),
        "checkpoint": checkpoint.sign(head, log),
        "entries": list(enumerate(bodies)),
        "registry": registry,
        "policies": policies,
        "documents": found,
        "changes": [record],
        "facts": {f"{0:032x}": (FACTS, SALT)},
        "assurance": {"executor": "in-process", "witnesses": 0},
    }
    return Contents(**{**fields, **changes})


def selection(told=None, **changes):
    """Only the run's entry and what it rests on, each with its proof."""
    whole = contents(told)
    hashes = [merkle.leaf_hash(body) for _, body in whole.entries]
    proofs = {seq: merkle.inclusion_proof(seq, hashes) for seq, _ in whole.entries}
    return contents(told, **{"kind": "selected", "subject": "incident:42", "proofs": proofs, **changes})


def packed(found, private=LOG):
    return pack(found, partial(sign_detached, private))
