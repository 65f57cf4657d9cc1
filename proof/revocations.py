"""Which keys are revoked: by the registry, and by acts in the ledger, which take effect at their own entry."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from proof.documents import REVOKE_KEY, Act
from proof.envelope import SignatureError
from proof.keys import Key
from proof.lattice import UncheckableError
from proof.registry import Registry
from proof.signed import Claimed, NotCountedError, verified

SUBJECT = "key:"
PLACE = re.compile(r"(0|[1-9][0-9]{0,14})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocations:
    """Which keys are revoked, by the registry and by the acts of the prefix.

    Attributes:
        places: key id to the place of the act that revoked it.
        since: key id to the ledger entry from which on its signatures are not its owner's.
    """

    registry: Registry
    now: str
    size: int | None
    places: Mapping[str, int]
    since: Mapping[str, int]

    def before(self, key: Key, claimed: Claimed) -> bool:
        """Whether a key had been revoked when something was signed with it; the ledger's order decides.

        Where the registry does not know the entry of a revocation, its time does.
        """
        if self.places.get(key.key_id, claimed.place) < claimed.place:
            return True
        if key.revoked_index >= 0:
            return claimed.index < 0 or claimed.index > key.revoked_index
        return bool(key.revoked_at) and key.revoked_at <= claimed.said.issued_at

    def by_now(self, key: Key) -> bool:
        """Whether a key is revoked at the time and place of the judgement."""
        if key.key_id in self.places:
            return True
        if key.revoked_index >= 0:
            return self.size is None or key.revoked_index < self.size
        return bool(key.revoked_at) and key.revoked_at <= self.now

    def is_void(self, key: Key, claimed: Claimed) -> bool:
        """Whether a signature was made when somebody else had the key, as whoever revoked it says."""
        named = [index for index in (key.compromised_since, self.since.get(key.key_id, -1)) if index >= 0]
        return bool(named) and (claimed.index < 0 or claimed.index >= min(named))


class CheckedActs:
    """Acts whose signatures have been looked at, each once.

    Attributes:
        uncheckable: whether one of them is signed in a way that this computer cannot check.
    """

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.uncheckable = False
        self._seen: dict[str, bool] = {}

    def holds(self, claimed: Claimed) -> bool:
        """Whether an act is signed by whom it names, who was in the registry and had not expired."""
        if claimed.sidecar_sha256 not in self._seen:
            self._seen[claimed.sidecar_sha256] = self._look(claimed)
        return self._seen[claimed.sidecar_sha256]

    def _look(self, claimed: Claimed) -> bool:
        act, person = claimed.said, self.registry.person(claimed.person_id)
        if not isinstance(act, Act) or person is None or act.installation != self.registry.installation:
            return False
        if act.registry_version > self.registry.version or (person.expires_at and act.issued_at >= person.expires_at):
            return False
        try:
            verified(claimed, self.registry)
        except UncheckableError:
            self.uncheckable = True
            return False
        except (SignatureError, NotCountedError):
            return False
        return True


def revocations(acts: Sequence[Claimed], checked: CheckedActs, *, now: str, size: int | None) -> Revocations:
    """Go through the acts that revoke keys; a key that is revoked revokes no others.

    Acts about keys whose revocation the registry places in the ledger itself are not looked at again.

    Args:
        acts: all acts of the prefix, in its order.
        checked: what looks at signatures, by the registry that holds.
        now: when one judges.
        size: of the log that counts; None for all that is given.
    """
    registry = checked.registry
    places: dict[str, int] = {}
    since: dict[str, int] = {}
    found = Revocations(registry=registry, now=now, size=size, places=places, since=since)
    for claimed in acts:
        act, key_id = claimed.said, _key_of(claimed)
        own, key = registry.key(act.key_id), registry.key(key_id)
        if not isinstance(act, Act) or key is None or own is None or not _may_revoke(registry, act, key):
            continue
        if _is_known(key, size) or not checked.holds(claimed) or found.before(own, claimed):
            continue
        places.setdefault(key_id, claimed.place)
        if PLACE.match(named := act.value("compromised_since")):
            since[key_id] = min(int(named), since.get(key_id, int(named)))
    return found


def _is_known(key: Key, size: int | None) -> bool:
    return key.revoked_index >= 0 and (size is None or key.revoked_index < size)


def _key_of(claimed: Claimed) -> str:
    """The key that an act revokes; empty if it revokes none."""
    act = claimed.said
    if not isinstance(act, Act) or act.kind != REVOKE_KEY or not act.subject.startswith(SUBJECT):
        return ""
    return act.subject.removeprefix(SUBJECT)


def _may_revoke(registry: Registry, act: Act, key: Key) -> bool:
    """Whoever owns the key, with any key of theirs, or one key-admin."""
    if key.person_id is None:
        return False
    owner = registry.canonical_person(key.person_id)
    return owner == registry.canonical_person(act.person_id) or act.person_id in registry.admins()
