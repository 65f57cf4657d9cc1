"""The signed list of who has which key; nothing else says whose signature counts.

Each version is signed by the threshold of the root before it and of its own root, so that a root hands over and is
never taken. An epoch begins with one root key; a later epoch than the first is only believed by those who pin its root.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from proof import sshsig
from proof.binary import BinaryError, unb64url
from proof.documents import POLICY_PAYLOAD, REGISTRY_PAYLOAD, DocumentError
from proof.envelope import SignatureError
from proof.keys import SSH_FILE, WEBAUTHN, Key, KeyFormatError, key_id_of
from proof.multisig import verify_threshold
from proof.registry_document import PERSON, Person, Registry, Root, RootKey, Service, read

__all__ = [
    "Person",
    "Registry",
    "RegistryError",
    "Root",
    "RootKey",
    "Service",
    "epochs",
    "parse_chain",
    "parse_registry",
    "verify_policy",
]
Signed = tuple[bytes, bytes]


class RegistryError(ValueError):
    """The registry is malformed, contradicts itself, or is not signed by its root."""


def parse_registry(chain: Sequence[Signed], *, root_public: str | None) -> Registry:
    """Verify every version of the registry from the first on, and return the newest.

    Args:
        chain: (document, signatures) pairs, version 1 first.
        root_public: the PEM of the root's first key as one knows it from elsewhere; None to take the registry's word.

    Raises:
        RegistryError: The chain has a gap, too few signatures, or a version that contradicts itself.
    """
    return parse_chain(chain, root_public=root_public)[-1]


def parse_chain(chain: Sequence[Signed], *, root_public: str | None) -> tuple[Registry, ...]:
    """As `parse_registry`, but return all versions, oldest first.

    With a pinned root the chain begins where the epoch of that root begins; what was before it is not looked at.
    Without one it begins at version 1, and no later epoch is believed.
    """
    versions: list[Registry] = []
    read_all = [_checked(data) for data, _ in chain]
    start = _start(read_all, root_public)
    for registry, (data, signatures) in zip(read_all[start:], chain[start:], strict=True):
        if versions:
            _check_follows(registry, versions[-1])
            _check_signed(registry, versions[-1], data, signatures)
        else:
            _check_begins(registry, root_public)
        _check_signed(registry, registry, data, signatures)
        first = versions[0] if versions else registry
        versions.append(replace(registry, root_public=first.root_public, root_key_id=first.root_key_id))
    if not versions:
        msg = "There is no registry."
        raise RegistryError(msg)
    return tuple(versions)


def epochs(chain: Sequence[Signed]) -> list[list[Signed]]:
    """The chain cut where a new root begins, each part to be checked under its own pin.

    Raises:
        RegistryError: A document is malformed.
    """
    found: dict[int, list[Signed]] = {}
    for data, signatures in chain:
        found.setdefault(_checked(data).epoch, []).append((data, signatures))
    return list(found.values())


def verify_policy(policy: bytes, signatures: bytes, versions: Sequence[Registry], *, created_at: str) -> Registry:
    """Check that a policy is signed by a root's threshold, and return the version of the registry whose root that is.

    A root signs from the time on when it is in force; a root that has handed over before the policy was made does not.

    Args:
        policy: the bundle's bytes.
        signatures: its signatures file.
        versions: of the registry, verified, oldest first.
        created_at: when the policy says that it was made.

    Raises:
        SignatureError: No root that counts signed it, or not enough of its members.
    """
    before = [version for version in versions if version.created_at <= created_at]
    roots = [*before[-1:], *versions[len(before) :]]
    error = SignatureError("There is no registry whose root could have signed this policy.")
    for version in reversed(roots):
        try:
            verify_threshold(signatures, POLICY_PAYLOAD, policy, version.root_signers(), version.root.threshold)
        except SignatureError as found:
            error = found
        else:
            return version
    raise error


def _start(versions: Sequence[Registry], root_public: str | None) -> int:
    """Where the chain begins that the pinned root vouches for."""
    if root_public is None:
        return 0
    epoch = 1
    for place, registry in enumerate(versions):
        if registry.epoch > epoch:
            epoch = registry.epoch
            if registry.root_public == root_public:
                return place
    return 0


def _check_begins(registry: Registry, root_public: str | None) -> None:
    """The first version of an epoch: one root key, in PEM, and the pinned one if one is pinned."""
    root = registry.root
    if root_public is None and registry.epoch != 1:
        msg = "The registry has a root that was founded anew. Pin that root by hand if you trust it."
        raise RegistryError(msg)
    if registry.epoch == 1 and (registry.version, registry.previous_sha256) != (1, ""):
        msg = f"Registry version {registry.version} does not follow the one before it."
        raise RegistryError(msg)
    if len(root.keys) != 1 or root.keys[0].kind == PERSON or not root.keys[0].public.startswith("-----"):
        msg = "An epoch of the registry begins with one root key, of the installation, as PEM."
        raise RegistryError(msg)
    if root_public is not None and registry.root_public != root_public:
        msg = f"Registry version {registry.version} names another root than the one that is trusted."
        raise RegistryError(msg)


def _check_follows(registry: Registry, before: Registry) -> None:
    wanted = (before.version + 1, before.sha256, before.installation)
    if (registry.version, registry.previous_sha256, registry.installation) != wanted:
        msg = f"Registry version {registry.version} does not follow the one before it."
        raise RegistryError(msg)
    if registry.epoch != before.epoch:
        msg = f"Registry version {registry.version} founds a new root. Pin that root by hand if you trust it."
        raise RegistryError(msg)
    if registry.created_at < before.created_at:
        msg = f"Registry version {registry.version} is older than the one before it."
        raise RegistryError(msg)


def _check_signed(registry: Registry, by: Registry, data: bytes, signatures: bytes) -> None:
    try:
        verify_threshold(signatures, REGISTRY_PAYLOAD, data, by.root_signers(), by.root.threshold)
    except SignatureError as error:
        whose = "its root" if by is registry else "the root before it"
        msg = f"Registry version {registry.version} is not signed by {whose}: {error}"
        raise RegistryError(msg) from error


def _checked(data: bytes) -> Registry:
    try:
        registry = read(data)
        _check(registry)
    except (DocumentError, KeyFormatError, BinaryError) as error:
        msg = f"The registry is malformed: {error}"
        raise RegistryError(msg) from error
    return registry


def _check(registry: Registry) -> None:
    keys = [key for person in registry.persons for key in person.keys]
    ids = [key.key_id for key in keys] + [service.key_id for service in registry.services]
    _refuse_doubles("key", ids + [root.key_id for root in registry.root.keys if root.kind != PERSON])
    _refuse_doubles("root key", [root.key_id for root in registry.root.keys])
    _refuse_doubles("credential", [key.credential_id for key in keys if key.credential_id])
    _refuse_doubles("person", [person.person_id for person in registry.persons])
    _refuse_doubles("service", [service.name for service in registry.services])
    _check_persons(registry)
    _check_root(registry)
    for service in registry.services:
        if not service.public.startswith("-----") or key_id_of(service.public) != service.key_id:
            msg = f"The id of the {service.name} service is not that of its key."
            raise RegistryError(msg)
    for key in keys:
        _check_key(key)
    if len(registry.witness_keys) < registry.witnesses_required:
        msg = "The registry requires more witnesses than it names."
        raise RegistryError(msg)


def _check_root(registry: Registry) -> None:
    for root in registry.root.keys:
        if key_id_of(root.public) != root.key_id:
            msg = "The root's id is not that of its key."
            raise RegistryError(msg)
        listed = registry.key(root.key_id)
        is_persons = root.kind == PERSON
        if is_persons and (listed is None or listed.person_id != root.person_id or listed.public != root.public):
            msg = f"A root key of {root.person_id} is not one of their listed keys."
            raise RegistryError(msg)
        if is_persons and listed is not None and listed.status != "active":
            msg = f"A root key of {root.person_id} is revoked."
            raise RegistryError(msg)
        if not is_persons and (root.person_id or not root.public.startswith("-----")):
            msg = f"A root key of the kind {root.kind} is in PEM and belongs to no person."
            raise RegistryError(msg)
    signers = {key.person_id or key.key_id for key in registry.root_signers()}
    if len(signers) < registry.root.threshold:
        msg = f"The root asks for {registry.root.threshold} signers and has {len(signers)}."
        raise RegistryError(msg)


def _check_persons(registry: Registry) -> None:
    following = {person.person_id: person.same_as for person in registry.persons}
    for person in registry.persons:
        seen, here = set[str](), person.person_id
        while here:
            if here in seen or here not in following:
                msg = f"What the registry says {person.person_id} is the same as leads nowhere."
                raise RegistryError(msg)
            seen.add(here)
            here = following[here]
    if registry.mode == "production" and any(person.demo for person in registry.persons):
        msg = "A production registry lists demo people."
        raise RegistryError(msg)


def _check_key(key: Key) -> None:
    if key_id_of(key.public) != key.key_id:
        msg = f"The id of a key of {key.person_id} is not that of the key."
        raise RegistryError(msg)
    if key.key_class == WEBAUTHN:
        unb64url(key.credential_id)
        if not (key.public.startswith("-----") and key.credential_id and key.rp_id and key.origins):
            msg = f"A passkey of {key.person_id} lacks its credential, site or origins."
            raise RegistryError(msg)
    elif sshsig.parse_public_line(key.public).is_security_key == (key.key_class == SSH_FILE):
        msg = f"An SSH key of {key.person_id} is listed under a class that it cannot have."
        raise RegistryError(msg)


def _refuse_doubles(noun: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for item in ids:
        if item in seen:
            msg = f"The registry lists the {noun} {item[:16]} twice."
            raise RegistryError(msg)
        seen.add(item)
