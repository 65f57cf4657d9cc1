"""An ordered erasure: which entries lost their facts for good, and that two key-admins signed for it.

The leaf of an entry holds only a salted commitment to its facts. An erasure takes facts and salt away; the leaf, and so
the tree, stays as it was. Without the salt, 128 random bits, nobody can try what the facts may have been.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from proof import canonical
from proof.documents import ACT_PAYLOAD, DocumentError, Entry, parse_act
from proof.documents.fields import DIGEST, HEX_128, SLUG, Fields, document
from proof.envelope import SignatureError
from proof.registry import Registry
from proof.registry_document import KEY_ADMIN
from proof.signatures import verify_sidecar

TYPE = "urn:countersign:erasure:v1"
MEDIA_TYPE = "application/vnd.countersign.erasure+json"
VERB = "person.erased"
KIND = "erase"
LISTED, ACT = "erasure", "act-"
SIGNERS = 2
MAX_BYTES = 10_000_000


class ErasureError(ValueError):
    """It is no order to erase, or not enough of those who may signed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What is to be erased.

    Attributes:
        person_id: whom the facts are about.
        commitments: entry uid to the commitment in that entry's body.
    """

    person_id: str
    commitments: Mapping[str, str]


def write_list(person_id: str, commitments: Mapping[str, str]) -> bytes:
    """The list that key-admins sign the digest of."""
    entries = [{"commitment": commitments[uid], "uid": uid} for uid in sorted(commitments)]
    return canonical.dumps({"_type": TYPE, "entries": entries, "person_id": person_id}, max_bytes=MAX_BYTES)


def parse_list(data: bytes) -> Erasure:
    """Read such a list.

    Raises:
        ErasureError: It is another document.
    """
    try:
        return document(data, TYPE, _erasure, max_bytes=MAX_BYTES)
    except DocumentError as error:
        msg = f"This is not a list of what to erase: {error}"
        raise ErasureError(msg) from error


def verify_order(listed: bytes, sidecars: Sequence[bytes], registry: Registry) -> tuple[str, ...]:
    """Check that two key-admins, neither of them the person concerned, signed this very list; return who.

    Raises:
        ErasureError: They did not.
    """
    erasure = parse_list(listed)
    signers: set[str] = set()
    for sidecar in sidecars:
        signers.add(_signer(sidecar, erasure, canonical.sha256(listed), registry))
    if len(signers) < SIGNERS:
        msg = f"An erasure needs {SIGNERS} key-admins; {len(signers)} signed."
        raise ErasureError(msg)
    return tuple(sorted(signers))


def erased_by(entry: Entry, documents: Mapping[str, bytes], registry: Registry) -> Erasure:
    """What an entry `person.erased` erased, once its documents are checked.

    Args:
        entry: the entry.
        documents: kept documents by digest.
        registry: the version in force at the entry's place.

    Raises:
        ErasureError: A document is missing, or the order does not hold.
    """
    named = dict(entry.documents)
    acts = [digest for name, digest in entry.documents if name.startswith(ACT)]
    missing = [digest for digest in [named.get(LISTED, ""), *acts] if digest not in documents]
    if missing:
        msg = "The order to erase lacks its list or its signatures."
        raise ErasureError(msg)
    listed = documents[named[LISTED]]
    verify_order(listed, [documents[digest] for digest in acts], registry)
    erasure = parse_list(listed)
    if entry.subject != f"person:{erasure.person_id}":
        msg = "The order to erase is about another person than the entry."
        raise ErasureError(msg)
    return erasure


def _signer(sidecar: bytes, erasure: Erasure, digest: str, registry: Registry) -> str:
    try:
        verified = verify_sidecar(sidecar, registry)
        act = parse_act(verified.statement)
    except (SignatureError, DocumentError) as error:
        msg = f"A signature under the order to erase does not hold: {error}"
        raise ErasureError(msg) from error
    wanted = (ACT_PAYLOAD, KIND, f"person:{erasure.person_id}", digest, registry.installation)
    if (verified.payload_type, act.kind, act.subject, act.value("commitments"), act.installation) != wanted:
        msg = "A signature under the order to erase is about something else."
        raise ErasureError(msg)
    key, person = registry.key(verified.key_id), registry.person(act.person_id)
    if person is None or key is None or (act.person_id, act.key_id) != (verified.person_id, verified.key_id):
        msg = "A signature under the order to erase is somebody else's."
        raise ErasureError(msg)
    human = person.same_as or person.person_id
    if KEY_ADMIN not in person.roles or key.status != "active" or human == erasure.person_id:
        msg = f"{person.person_id} may not order this: it takes a key-admin, with a key that is not revoked."
        raise ErasureError(msg)
    return human


def _erasure(f: Fields) -> Erasure:
    pairs = f.objects("entries", lambda e: (e.text("uid", HEX_128), e.text("commitment", DIGEST)))
    person_id = f.text("person_id", SLUG)
    uids = [uid for uid, _ in pairs]
    if not uids or uids != sorted(set(uids)):
        msg = "The entries to erase are sorted by uid, each once."
        raise DocumentError(msg)
    return Erasure(person_id=person_id, commitments=dict(pairs))
