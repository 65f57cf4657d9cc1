"""Who signs the registry and the policy, and how far a draft has come with that."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from approvals import registry
from audit import keystore
from proof.documents import POLICY_PAYLOAD, REGISTRY_PAYLOAD
from proof.keys import Key
from proof.multisig import parse_signatures
from proof.registry import Registry
from proof.registry_document import INSTALLATION, RECOVERY

PAYLOADS: Final = {"registry": REGISTRY_PAYLOAD, "policy": POLICY_PAYLOAD}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signers:
    """One root, and who of it has signed.

    Attributes:
        keys: its keys, people under the id that counts.
        signed: who did, as person ids, or key ids of keys that are nobody's.
    """

    threshold: int
    keys: tuple[Key, ...]
    signed: frozenset[str]

    @property
    def missing(self) -> int:
        """How many more it takes."""
        return max(0, self.threshold - len(self.signed))

    @property
    def key_ids(self) -> frozenset[str]:
        """Its keys, by id."""
        return frozenset(key.key_id for key in self.keys)

    @property
    def may(self) -> frozenset[str]:
        """Who may sign."""
        return frozenset(who_of(key) for key in self.keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a draft has come: both roots must have signed, the one in force and the one that it brings."""

    before: Signers
    after: Signers

    @property
    def is_complete(self) -> bool:
        """Whether it may be published."""
        return not self.before.missing and not self.after.missing

    @property
    def keys(self) -> tuple[Key, ...]:
        """All keys that may sign it."""
        found = {key.key_id: key for key in (*self.before.keys, *self.after.keys)}
        return tuple(found.values())

    @property
    def threshold(self) -> int:
        """How many signatures of people it takes, as the pages say it."""
        return max(self.before.threshold, self.after.threshold)

    @property
    def missing(self) -> int:
        """How many more it takes at least."""
        return max(self.before.missing, self.after.missing)


def who_of(key: Key) -> str:
    """Who signs with a root key: a person's id, or the key's own."""
    return key.person_id or key.key_id


def progress(before: Registry, after: Registry, signatures: bytes) -> Progress:
    """How far the signatures over a draft have come; each of them was verified when it was taken."""
    given = {item.key_id for item in parse_signatures(signatures).signatures}
    return Progress(before=_signers(before, given), after=_signers(after, given))


def is_first_use(found: Registry) -> bool:
    """Whether this installation's own key signs alone, so that what is asked takes effect at once."""
    return found.root.threshold == 1 and [key.kind for key in found.root.keys] == [INSTALLATION]


def has_recovery_key(found: Registry) -> bool:
    """Whether a key on paper is a member of the root."""
    return any(key.kind == RECOVERY for key in found.root.keys)


def holds_root(found: Registry) -> bool:
    """Whether this host holds an installation key that the root names."""
    name = registry.root_name(found.epoch)
    return keystore.exists(name) and registry.key_id_of_root(name) in {key.key_id for key in found.root.keys}


def people_of(keys: Iterable[Key]) -> Sequence[str]:
    """The people among the owners of keys."""
    return sorted({key.person_id for key in keys if key.person_id})


def _signers(found: Registry, given: set[str]) -> Signers:
    keys = found.root_signers()
    return Signers(
        threshold=found.root.threshold,
        keys=keys,
        signed=frozenset(who_of(key) for key in keys if key.key_id in given),
    )
