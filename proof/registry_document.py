"""The registry's document, read: roots, services, people with their keys. Signatures are `proof.registry`'s affair."""

from dataclasses import dataclass, field

from proof import canonical
from proof.documents import REGISTRY, TIERS
from proof.documents.fields import DIGEST, HEX_128, SLUG, TIME, Fields, document
from proof.keys import PERSON_CLASSES, SERVICE, Key

MAX_BYTES = 4_000_000
MODES = ("embedded", "production")
INSTALLATION, RECOVERY, PERSON = "installation", "recovery", "person"
KEY_ADMIN, OVERRIDE_ROLE, APPROVER = "key-admin", "override", "approver"


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
    """A human being, under a random id, with what counts for a quorum.

    Attributes:
        team: empty for none.
        same_as: the id under which this human being counts, if it is listed twice; else empty.
        expires_at: from then on no signature of theirs counts; empty for never.
    """

    person_id: str
    demo: bool
    roles: frozenset[str]
    keys: tuple[Key, ...]
    groups: frozenset[str] = frozenset()
    team: str = ""
    same_as: str = ""
    expires_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RootKey:
    """A key that signs the registry and the policy.

    Attributes:
        kind: `installation` (of this computer), `recovery` (on paper), `person` (one of that person's own keys).
    """

    key_id: str
    public: str
    kind: str
    person_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """Who signs the registry and the policy, and how many of them it takes."""

    threshold: int
    keys: tuple[RootKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """One version of the registry, verified; `sha256` is the digest of its bytes.

    Attributes:
        epoch: counts how often the root was founded anew.
        root_public, root_key_id: the one key that the epoch began with; this is what others pin.
        root: who signs now.
        log_keys, witness_keys: verifier keys of the log and its witnesses, as texts.
        witnesses_required: how many witnesses must have seen a head of the log.
    """

    sha256: str
    version: int
    previous_sha256: str
    installation: str
    epoch: int
    created_at: str
    root_public: str
    root_key_id: str
    root: Root
    rp_id: str
    origins: tuple[str, ...]
    mode: str
    services: tuple[Service, ...]
    log_keys: tuple[str, ...]
    witnesses_required: int
    witness_keys: tuple[str, ...]
    persons: tuple[Person, ...]
    _keys: dict[str, Key] = field(init=False, repr=False, compare=False)
    _people: dict[str, Person] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        keys = {
            service.key_id: Key(key_id=service.key_id, key_class=SERVICE, public=service.public, person_id=None)
            for service in self.services
        }
        keys |= {key.key_id: key for person in self.persons for key in person.keys}
        object.__setattr__(self, "_keys", keys)
        object.__setattr__(self, "_people", {person.person_id: person for person in self.persons})

    def key(self, key_id: str) -> Key | None:
        """A person's or a service's key by its id."""
        return self._keys.get(key_id)

    def person(self, person_id: str) -> Person | None:
        """A person by id."""
        return self._people.get(person_id)

    def service(self, name: str) -> Service | None:
        """A service by name: policy, log, executor."""
        return next((service for service in self.services if service.name == name), None)

    def admins(self) -> frozenset[str]:
        """The people who may enrol and revoke keys: the key-admins."""
        return frozenset(person.person_id for person in self.persons if KEY_ADMIN in person.roles)

    def canonical_person(self, person_id: str) -> str:
        """The id under which a human being counts: what `same_as` leads to."""
        person = self.person(person_id)
        while person is not None and person.same_as:
            person_id = person.same_as
            person = self.person(person_id)
        return person_id

    def in_group(self, person_id: str, name: str) -> bool:
        """Whether a person holds a role or is in a group of that name."""
        person = self.person(person_id)
        return person is not None and name in person.roles | person.groups

    def root_signers(self) -> tuple[Key, ...]:
        """The root's keys in the form in which signatures are checked; people under the id that counts."""
        return tuple(self._root_signer(key) for key in self.root.keys)

    def _root_signer(self, root: RootKey) -> Key:
        listed = self.key(root.key_id) if root.kind == PERSON else None
        if listed is None:
            return Key(key_id=root.key_id, key_class=SERVICE, public=root.public, person_id=None)
        return Key(
            key_id=listed.key_id,
            key_class=listed.key_class,
            public=listed.public,
            person_id=self.canonical_person(root.person_id),
            credential_id=listed.credential_id,
            rp_id=listed.rp_id,
            origins=listed.origins,
            backup_eligible=listed.backup_eligible,
        )


def read(data: bytes) -> Registry:
    """Read a registry's bytes without believing them; until its chain is known, its own first root key stands as root.

    Raises:
        DocumentError: They are not a registry.
    """
    digest = canonical.sha256(data)
    return document(data, REGISTRY, lambda f: _registry(f, digest), max_bytes=MAX_BYTES)


def _registry(f: Fields, digest: str) -> Registry:
    root = f.nested("root", _root)
    rp = f.nested("rp", lambda r: (r.text("rp_id"), r.texts("origins")))
    witnesses = f.nested("witnesses", lambda w: (w.integer("required"), w.texts("keys")))
    return Registry(
        sha256=digest,
        version=f.integer("version", minimum=1),
        previous_sha256=f.text("previous_sha256", DIGEST, empty=True),
        installation=f.text("installation", HEX_128),
        epoch=f.integer("epoch", minimum=1),
        created_at=f.text("created_at", TIME),
        root_public=root.keys[0].public if root.keys else "",
        root_key_id=root.keys[0].key_id if root.keys else "",
        root=root,
        rp_id=rp[0],
        origins=rp[1],
        mode=f.one_of("mode", MODES),
        services=f.objects("services", _service),
        log_keys=f.texts("log_keys"),
        witnesses_required=witnesses[0],
        witness_keys=witnesses[1],
        persons=f.objects("persons", _person),
    )


def _root(f: Fields) -> Root:
    return Root(threshold=f.integer("threshold", minimum=1), keys=f.objects("keys", _root_key))


def _root_key(f: Fields) -> RootKey:
    return RootKey(
        key_id=f.text("key_id", DIGEST),
        public=f.text("public"),
        kind=f.one_of("kind", (INSTALLATION, RECOVERY, PERSON)),
        person_id=f.text("person_id", SLUG, empty=True),
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
        groups=frozenset(f.texts("groups", SLUG)),
        team=f.text("team"),
        same_as=f.text("same_as", SLUG, empty=True),
        expires_at=f.text("expires_at", TIME, empty=True),
        keys=f.objects("keys", lambda k: _key(k, person_id)),
    )


def _key(f: Fields, person_id: str) -> Key:
    revoked_at, revoked_index = f.text("revoked_at", TIME, empty=True), f.integer("revoked_index", minimum=-1)
    return Key(
        key_id=f.text("key_id", DIGEST),
        key_class=f.one_of("class", PERSON_CLASSES),
        public=f.text("public"),
        person_id=person_id,
        credential_id=f.text("credential_id"),
        rp_id=f.text("rp_id"),
        origins=f.texts("origins"),
        backup_eligible=f.boolean("backup_eligible"),
        status="revoked" if revoked_at or revoked_index >= 0 else "active",
        enrolled_at=f.text("enrolled_at", TIME),
        revoked_at=revoked_at,
        revoked_index=revoked_index,
        compromised_since=f.integer("compromised_since", minimum=-1),
        device_bound=f.boolean("device_bound"),
    )
