"""The ledger's entries sorted for judging: what was signed about which change, and what was in force where."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from proof.documents import Act, Change, DocumentError, Entry, parse_change
from proof.lineage import essence
from proof.records import Record
from proof.registry import Registry
from proof.signed import read_all

DECISION = "decision.recorded"
PUBLISHED, ACTIVATED = ("registry.published", "registry"), ("policy.activated", "policy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a judgement rests on; all of it has been checked against the tree or against signatures.

    Attributes:
        documents: bytes by digest.
        registries: all versions, oldest first.
        policies: bytes by digest, oldest first.
    """

    entries: Sequence[tuple[int, Entry]]
    documents: Mapping[str, bytes]
    registries: Sequence[Registry]
    policies: Mapping[str, bytes]

    def find(self, digest: str) -> bytes | None:
        """A document, or a policy, by its digest."""
        return self.documents.get(digest) or self.policies.get(digest)


class History:
    """Built once for a bundle.

    Attributes:
        missing: (entry, digest) of decisions whose sidecar is not there.
    """

    def __init__(self, material: Material) -> None:
        self.material = material
        self.missing: list[tuple[int, str]] = []
        self._acts: list[Record] = []
        self._about: dict[str, list[Record]] = {}
        self._published = _series(material, PUBLISHED)
        self._activated = _series(material, ACTIVATED)
        self._collect()
        self._kin = _kin(material)

    def records_of(self, digest: str, change: Change) -> list[Record]:
        """All acts, and all statements about a change and about those that are its kin, with their places."""
        kin = {digest, *self._kin.get(f"id {change.id}", ()), *self._kin.get(_essence(self.material, digest), ())}
        statements = [record for about in sorted(kin) for record in self._about.get(about, ())]
        return [*self._acts, *statements, *self._about.get("", ())]

    def acts(self) -> list[Record]:
        """All acts."""
        return list(self._acts)

    def statements_about(self, digest: str) -> list[Record]:
        """All statements about one change."""
        return list(self._about.get(digest, ()))

    def registry_at(self, seq: int, at: str) -> Registry | None:
        """The registry in force at a place: the last that was published before it, else by its time."""
        digest = _before(self._published, seq)
        known = {registry.sha256: registry for registry in self.material.registries}
        by_time = (registry for registry in reversed(self.material.registries) if registry.created_at <= at)
        return known.get(digest) or next(by_time, None)

    def policy_at(self, seq: int) -> str:
        """The digest of the policy that was activated last before a place; empty if no entry says so."""
        return _before(self._activated, seq)

    def activations(self) -> list[tuple[int, str]]:
        """The places where policies took effect, with their digests."""
        return list(self._activated)

    def _collect(self) -> None:
        found = []
        for seq, entry in self.material.entries:
            for _, digest in entry.documents:
                data = self.material.documents.get(digest)
                if data is not None:
                    found.append(Record(seq, data))
                elif entry.verb == DECISION:
                    self.missing.append((seq, digest))
        for claimed in read_all(found)[0]:
            said, record = claimed.said, found[claimed.place]
            if isinstance(said, Act):
                self._acts.append(record)
            else:  # statements about standing approvals go with every change: few, and any may rest on them
                self._about.setdefault("" if said.is_about_standing else said.change_sha256, []).append(record)


def _series(material: Material, verb_and_name: tuple[str, str]) -> list[tuple[int, str]]:
    verb, name = verb_and_name
    named = [(seq, dict(entry.documents).get(name, "")) for seq, entry in material.entries if entry.verb == verb]
    return [(seq, digest) for seq, digest in named if digest]


def _before(series: Sequence[tuple[int, str]], seq: int) -> str:
    place = bisect_left(series, (seq, ""))
    return series[place - 1][1] if place else ""


def _kin(material: Material) -> dict[str, set[str]]:
    """Change digests by `id <id>` and by essence."""
    found: dict[str, set[str]] = {}
    for digest, data in material.documents.items():
        try:
            change = parse_change(data)
        except DocumentError:
            continue
        found.setdefault(f"id {change.id}", set()).add(digest)
        found.setdefault(essence(data), set()).add(digest)
    return found


def _essence(material: Material, digest: str) -> str:
    data = material.documents.get(digest)
    return essence(data) if data is not None else ""
