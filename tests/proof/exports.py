"""A small export in which a change was asked for, decided, and run."""

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
PINNED = Pinned(root_public=pem(ROOT), log=LOG_KEY)
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


def contents(told=None, *, log=LOG, **changes):
    bodies, found, record = told or story()
    hashes = [merkle.leaf_hash(body) for body in bodies]
    head = Checkpoint(origin=ORIGIN, size=len(bodies), root=merkle.root(hashes))
    fields = {
        "kind": "complete",
        "origin": ORIGIN,
        "first": 0,
        "last": len(bodies),
        "checkpoint": checkpoint.sign(head, log),
        "entries": list(enumerate(bodies)),
        "registry": [signed_registry()],
        "policies": [signed_policy()],
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
