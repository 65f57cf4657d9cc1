"""What a bundle holds so that `openssl` and `ssh-keygen` alone can check its signatures.

All of it follows from the registry, the entries and the documents; the verifier makes it again and compares, so that
nothing here can say something else than what was signed.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

from proof.documents import (
    ACT_NAMESPACE,
    DECISION_NAMESPACE,
    OVERRIDE_NAMESPACE,
    POLICY_NAMESPACE,
    REGISTRY_NAMESPACE,
    REVOKE_NAMESPACE,
    DocumentError,
    Entry,
    parse_change,
)
from proof.envelope import SignatureError, pae
from proof.keys import Key
from proof.registry_document import Registry, read
from proof.render import render
from proof.signatures import Sidecar, namespace_of, read_sidecar
from proof.webauthn import Assertion

FOLDERS = ("render/", "signed/")
FILES = ("allowed_signers", "log.pem", "root.pem")
NAMESPACES = (
    ACT_NAMESPACE,
    DECISION_NAMESPACE,
    OVERRIDE_NAMESPACE,
    POLICY_NAMESPACE,
    REGISTRY_NAMESPACE,
    REVOKE_NAMESPACE,
)
MOST = 2_000
"""Signed statements by hand; of a longer bundle the verifier alone checks them."""

Find = Callable[[str], bytes | None]


def by_hand(registry: Sequence[bytes], kept: Iterable[tuple[int, Entry]], find: Find) -> dict[str, bytes]:
    """The members that follow from others.

    Args:
        registry: the documents of all versions, oldest first.
        kept: the entries that name documents, with their sequence numbers.
        find: gives a document by its digest.
    """
    entries = list(kept)
    versions = [read(data) for data in registry]
    keys = {key.key_id: key for version in versions for person in version.persons for key in person.keys}
    members = {"allowed_signers": allowed_signers(versions)}
    if versions:
        members["root.pem"] = versions[0].root_public.encode("ascii")
        log = versions[-1].service("log")
        members["log.pem"] = (log.public if log else "").encode("ascii")
    services = {service.key_id: service.public for version in versions for service in version.services}
    signed = _signed(entries, find)
    for seq, sidecar in signed if len(signed) <= MOST else []:
        members |= {f"signed/{seq}.{kind}": data for kind, data in _files(sidecar, keys, services).items()}
    for digest in sorted({digest for _, entry in entries for name, digest in entry.documents if name == "change"}):
        data = find(digest)
        if data is not None:
            members |= _rendered(digest, data)
    return members


def is_by_hand(name: str) -> bool:
    """Whether a member of that name follows from others."""
    return name in FILES or name.startswith(FOLDERS)


def allowed_signers(versions: Sequence[Registry]) -> bytes:
    """All SSH keys that ever were in the registry, for `ssh-keygen -Y verify -I KEY_ID`.

    The principal is the key's id, never a pattern, and each key is for our namespaces alone.
    """
    lines = {
        f'{key.key_id} namespaces="{",".join(NAMESPACES)}" {" ".join(key.public.strip().split(" ")[:2])}\n'
        for version in versions
        for person in version.persons
        for key in person.keys
        if key.key_class.startswith("ssh-")
    }
    return "".join(sorted(lines)).encode("ascii")


def _signed(kept: Iterable[tuple[int, Entry]], find: Find) -> list[tuple[int, Sidecar]]:
    """The signed statement of each entry that names one."""
    found = []
    for seq, entry in kept:
        for _, digest in entry.documents:
            data = find(digest)
            try:
                sidecar = read_sidecar(data) if data is not None else None
            except SignatureError:
                continue
            if sidecar is not None:
                found.append((seq, sidecar))
                break
    return found


def _rendered(digest: str, data: bytes) -> dict[str, bytes]:
    """The text that people were shown; its digest stands in what they signed."""
    try:
        parse_change(data)
        return {f"render/{digest}.txt": render(data).encode("utf-8")}
    except DocumentError:
        return {}


def _files(sidecar: Sidecar, keys: dict[str, Key], services: dict[str, str]) -> dict[str, bytes]:
    signed = pae(sidecar.payload_type, sidecar.payload)
    files = {"pae": signed}
    if isinstance(sidecar.proof, str):
        namespace = namespace_of(sidecar.payload_type, sidecar.payload)
        files["ssh"] = sidecar.proof.encode("ascii", "replace")
        files["who"] = f"{sidecar.key_id} {namespace}\n".encode()
        return files
    if isinstance(sidecar.proof, Assertion):
        public = keys[sidecar.key_id].public if sidecar.key_id in keys else ""
        client = sidecar.proof.client_data_json
        files["client"] = client
        files["passkey"] = sidecar.proof.authenticator_data + hashlib.sha256(client).digest()
        files["der"] = sidecar.proof.signature
    else:
        public = services.get(sidecar.key_id, "")
        files["raw"] = sidecar.proof
    files["pem"] = public.encode("ascii")
    return files
