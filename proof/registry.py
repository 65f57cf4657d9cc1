"""The signed list of who has which key; nothing else says whose signature counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from proof import canonical, sshsig
from proof.binary import BinaryError, unb64url
from proof.detached import verify_detached
from proof.documents import REGISTRY, REGISTRY_PAYLOAD, TIERS, DocumentError
from proof.documents.fields import DIGEST, HEX_128, SLUG, TIME, Fields, document
from proof.envelope import SignatureError
from proof.keys import PERSON_CLASSES, SERVICE, SSH_FILE, WEBAUTHN, Key, KeyFormatError, key_id_of

MAX_BYTES = 4_000_000
MODES = ("embedded", "production")


class RegistryError(ValueError):
    """The registry is malformed, contradicts itself, or is not signed by its root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A program with a key.

    Attributes:
        name: policy, log, executor.
        max_tier: the highest tier it may decide alone; empty where it decides nothing.
        audience: the executor that it may speak to; empty where it speaks to none.
    """

    name: str
    public: str
    key_id: str
    max_tier: str
    audience: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A human being, under a random id, with the roles that count for a quorum."""

    person_id: str
    demo: bool
    roles: frozenset[str]
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """One version of the registry, verified; `sha256` is the digest of its bytes."""

    sha256: str
    version: int
    previous_sha256: str
    installation: str
    created_at: str
    root_public: str
    root_key_id: str
    rp_id: str
    origins: tuple[str, ...]
    mode: str
    services: tuple[Service, ...]
    persons: tuple[Person, ...]

    def key(self, key_id: str) -> Key | None:
        """A person's or a service's key by its id."""
        for person in self.persons:
            for key in person.keys:
                if key.key_id == key_id:
                    return key
        for service in self.services:
            if service.key_id == key_id:
                return Key(key_id=key_id, key_class=SERVICE, public=service.public, person_id=None)
        return None

    def person(self, person_id: str) -> Person | None:
        """A person by id."""
        return next((person for person in self.persons if person.person_id == person_id), None)

    def service(self, name: str) -> Service | None:
        """A service by name: policy, log, executor."""
        return next((service for service in self.services if service.name == name), None)


def parse_registry(chain: Sequence[tuple[bytes, bytes]], *, root_public: str | None) -> Registry:
    """Verify every version of the registry from the first on, and return the newest.

    Args:
        chain: (document, detached signature) pairs, version 1 first.
        root_public: the root's PEM as one knows it from elsewhere; None to take the registry's own word.

    Raises:
        RegistryError: The chain has a gap, a wrong signature, or a version that contradicts itself.
    """
    return parse_chain(chain, root_public=root_public)[-1]


def parse_chain(chain: Sequence[tuple[bytes, bytes]], *, root_public: str | None) -> tuple[Registry, ...]:
    """As `parse_registry`, but return all versions, oldest first."""
    versions: list[Registry] = []
    for data, signature in chain:
        registry = _parse(data)
        root = root_public or (versions[0] if versions else registry).root_public
        try:
            verify_detached(signature, public=root, payload_type=REGISTRY_PAYLOAD, payload=data)
        except SignatureError as error:
            msg = f"Registry version {registry.version} is not signed by its root: {error}"
            raise RegistryError(msg) from error
        if registry.root_public != root:
            msg = f"Registry version {registry.version} names another root than the one that is trusted."
            raise RegistryError(msg)
        _check_follows(registry, versions[-1] if versions else None)
        versions.append(registry)
    if not versions:
        msg = "There is no registry."
        raise RegistryError(msg)
    return tuple(versions)


def _check_follows(registry: Registry, before: Registry | None) -> None:
    wanted = (before.version + 1, before.sha256, before.installation) if before else (1, "", registry.installation)
    if (registry.version, registry.previous_sha256, registry.installation) != wanted:
        msg = f"Registry version {registry.version} does not follow the one before it."
        raise RegistryError(msg)
    if before and registry.created_at < before.created_at:
        msg = f"Registry version {registry.version} is older than the one before it."
        raise RegistryError(msg)


def _parse(data: bytes) -> Registry:
    digest = canonical.sha256(data)
    try:
        registry = document(data, REGISTRY, lambda f: _registry(f, digest), max_bytes=MAX_BYTES)
        _check(registry)
    except (DocumentError, KeyFormatError, BinaryError) as error:
        msg = f"The registry is malformed: {error}"
        raise RegistryError(msg) from error
    return registry


def _check(registry: Registry) -> None:
    keys = [key for person in registry.persons for key in person.keys]
    ids = [key.key_id for key in keys] + [service.key_id for service in registry.services] + [registry.root_key_id]
    _refuse_doubles("key", ids)
    _refuse_doubles("credential", [key.credential_id for key in keys if key.credential_id])
    _refuse_doubles("person", [person.person_id for person in registry.persons])
    _refuse_doubles("service", [service.name for service in registry.services])
    if key_id_of(registry.root_public) != registry.root_key_id:
        msg = "The root's id is not that of its key."
        raise RegistryError(msg)
    for service in registry.services:
        if not service.public.startswith("-----") or key_id_of(service.public) != service.key_id:
            msg = f"The id of the {service.name} service is not that of its key."
            raise RegistryError(msg)
    for key in keys:
        _check_key(key)
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


def _registry(f: Fields, digest: str) -> Registry:
    root = f.nested("root", lambda r: (r.text("public"), r.text("key_id", DIGEST)))
    rp = f.nested("rp", lambda r: (r.text("rp_id"), r.texts("origins")))
    return Registry(
        sha256=digest,
        version=f.integer("version", minimum=1),
        previous_sha256=f.text("previous_sha256", DIGEST, empty=True),
        installation=f.text("installation", HEX_128),
        created_at=f.text("created_at", TIME),
        root_public=root[0],
        root_key_id=root[1],
        rp_id=rp[0],
        origins=rp[1],
        mode=f.one_of("mode", MODES),
        services=f.objects("services", _service),
        persons=f.objects("persons", _person),
    )


def _service(f: Fields) -> Service:
    return Service(
        name=f.text("name", SLUG),
        public=f.text("public"),
        key_id=f.text("key_id", DIGEST),
        max_tier=f.one_of("max_tier", {"", *TIERS}),
        audience=f.text("audience"),
    )


def _person(f: Fields) -> Person:
    person_id = f.text("person_id", SLUG)
    return Person(
        person_id=person_id,
        demo=f.boolean("demo"),
        roles=frozenset(f.texts("roles")),
        keys=f.objects("keys", lambda k: _key(k, person_id)),
    )


def _key(f: Fields, person_id: str) -> Key:
    revoked_at = f.text("revoked_at", TIME, empty=True)
    return Key(
        key_id=f.text("key_id", DIGEST),
        key_class=f.one_of("class", PERSON_CLASSES),
        public=f.text("public"),
        person_id=person_id,
        credential_id=f.text("credential_id"),
        rp_id=f.text("rp_id"),
        origins=f.texts("origins"),
        backup_eligible=f.boolean("backup_eligible"),
        status="revoked" if revoked_at else "active",
        enrolled_at=f.text("enrolled_at", TIME),
        revoked_at=revoked_at,
    )
