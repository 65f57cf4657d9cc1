"""The signed registry as key-admins read it: who is listed, who vouched, what the team cannot do, what came before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from approvals import bundles, ceremonies, registry, roots
from approvals.ceremonies import Ceremony
from approvals.models import PersonKey, RegistryVersion
from approvals.permissions import grants
from audit.models import Entry
from audit.selectors import facts_of
from console.phrases import plural
from core import clock
from core.actors import Actor
from core.errors import ConsoleError
from core.permissions import Permission
from people.models import Person
from people.selectors import names
from proof.documents import Policy
from proof.registry import Person as Listed
from proof.registry import Registry
from proof.words import words

SOON = timedelta(days=14)
REFOUNDED_BANNER = timedelta(days=30)
VERSIONS = 6
WHY = {
    "address-moved": "another address",
    "first-use": "made by this installation",
    "key.enrolled": "a key",
    "key.revoked": "a revocation",
    "person.linked": "two entries are one person",
    "person.renewed": "an entry renewed",
    "person.deactivated": "somebody left",
    "policy.activated": "the policy's executor",
    "role.granted": "a role granted",
    "role.withdrawn": "a role withdrawn",
    "refounded": "founded anew on the host",
    "registry.groups": "groups",
    "registry.threshold": "the root handed to people",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A listed person.

    Attributes:
        active: id and name of each key that is not revoked.
        vouched: who signed the version that lists their newest key; `alone` if it was one person.
    """

    person_id: str
    handle: str
    name: str
    groups: str
    own_groups: str
    keys: str
    active: Sequence[tuple[str, str]]
    has_keys: bool
    expires_at: datetime | None
    soon: bool
    vouched: str
    alone: bool
    is_me: bool

    @property
    def actor(self) -> str:
        """As the ledger names them."""
        return f"person:{self.person_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of the registry."""

    version: int
    at: datetime
    why: str
    by: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryPage:
    """The registry's part of the page of keys.

    Attributes:
        threshold, members: how many of whom sign it, as words.
        cannot: what this team can never do, a sentence each.
        refounded_at: when the root was founded anew, while that is to be said.
    """

    version: int
    sha256: str
    root_words: str
    first_use: bool
    threshold: int
    members: Sequence[str]
    has_recovery: bool
    rows: Sequence[Row]
    cannot: Sequence[str]
    policy_people: Sequence[tuple[str, str, str]]
    versions: Sequence[Version]
    drafts: Sequence[Ceremony]
    may_edit: bool
    admins: int
    refounded_at: datetime | None
    me: str

    @property
    def to_sign(self) -> int:
        """How many drafts wait for whoever reads this."""
        return sum(self.me in draft.may for draft in self.drafts)


def read(person: Person, actor: Actor) -> RegistryPage | None:
    """The registry for whoever may read it; None for all others."""
    if not grants.allow(Permission.REGISTRY_READ, actor) or not RegistryVersion.objects.exists():
        return None
    found, policy = registry.current(), _policy()
    people = names(one.person_id for one in found.persons)
    signers = _signers()
    versions = list(RegistryVersion.objects.order_by("-version")[:VERSIONS])
    first = registry.versions()[0]
    founded = clock.from_rfc3339(first.created_at)
    return RegistryPage(
        version=found.version,
        sha256=found.sha256,
        root_words=" ".join(words(found.root_key_id, 12)),
        first_use=roots.is_first_use(found),
        threshold=found.root.threshold,
        members=_members(found, people),
        has_recovery=roots.has_recovery_key(found),
        rows=sorted((_row(one, people, signers, person.pk) for one in found.persons), key=lambda row: row.name),
        cannot=_cannot(found, policy) if policy else [],
        policy_people=_needs(policy) if policy else [],
        versions=[_version(row, signers.get(row.version, [])) for row in versions],
        drafts=ceremonies.standing(),
        may_edit=grants.allow(Permission.REGISTRY_EDIT, actor),
        admins=len(found.admins()),
        refounded_at=founded if found.epoch > 1 and founded + REFOUNDED_BANNER > clock.now() else None,
        me=found.canonical_person(person.pk),
    )


def _policy() -> Policy | None:
    try:
        return bundles.in_force().policy
    except ConsoleError:
        return None


def _signers() -> dict[int, list[str]]:
    """Version to the names of who signed it: people, the recovery key, or this computer."""
    found: dict[int, list[str]] = {}
    versions = {version.version: version for version in registry.versions()}
    for row in RegistryVersion.objects.order_by("-version")[:200]:
        listed = versions.get(row.version)
        kinds = {key.key_id: key for key in listed.root.keys} if listed else {}
        owners = {key_id: found_key.person_id for key_id, found_key in kinds.items()}
        people = names(owner for owner in owners.values() if owner)
        told = []
        for key_id in ceremonies.signed_by(row):
            owner = owners.get(key_id, "")
            kind = kinds[key_id].kind if key_id in kinds else "installation"
            told.append(people[owner].name if owner in people else {"recovery": "recovery"}.get(kind, "this computer"))
        found[row.version] = sorted(set(told))
    return found


def _row(one: Listed, people: dict[str, Person], signers: dict[int, list[str]], me: str) -> Row:
    person = people.get(one.person_id)
    active = [key for key in one.keys if key.status == "active"]
    held = PersonKey.objects.filter(person_id=one.person_id).order_by("-registry_version")
    newest, labels = held.first(), {key.key_id: key.label for key in held}
    vouched = signers.get(newest.registry_version, []) if newest else []
    ends = clock.from_rfc3339(one.expires_at) if one.expires_at else None
    same = people.get(one.same_as)
    groups = ", ".join([*sorted(one.roles | one.groups), *([f"team {one.team}"] if one.team else [])])
    return Row(
        person_id=one.person_id,
        handle=person.handle if person else one.person_id,
        name=person.name if person else one.person_id,
        groups=f"{groups or 'none'}{f'; the same human as {same.name}' if same else ''}",
        own_groups=", ".join(sorted(one.groups)),
        active=[(key.key_id, labels.get(key.key_id, key.key_class)) for key in active],
        has_keys=bool(one.keys),
        keys=f"{len(active)}{f', {len(one.keys) - len(active)} revoked' if len(one.keys) > len(active) else ''}",
        expires_at=ends,
        soon=ends is not None and ends - SOON < clock.now(),
        vouched=", ".join(vouched) or "nobody, no key yet",
        alone=len(vouched) == 1,
        is_me=one.person_id == me,
    )


def _members(found: Registry, people: dict[str, Person]) -> list[str]:
    told = []
    for key in found.root.keys:
        owner = people.get(found.canonical_person(key.person_id)) if key.person_id else None
        words_for = {"installation": "this computer", "recovery": "recovery"}
        told.append(owner.name if owner else words_for.get(key.kind, key.person_id))
    return sorted(set(told))


def _cannot(found: Registry, policy: Policy) -> list[str]:
    """Tiers that this team can never reach, by number of people with the right kind of key."""
    told = []
    for limit in policy.limits:
        who = _able(found, limit.classes)
        if not limit.auto and limit.people > who:
            where = ", ".join(limit.targets)
            told.append(f"{limit.action} on {where} needs {_people(limit.people)} to approve, and {_has(who)}.")
    who = _able(found, policy.unlisted.classes)
    if policy.unlisted.people > who:
        most = policy.unlisted.people
        told.append(f"CRITICAL, and whatever no limit names, needs {_people(most)} to approve, and {_has(who)}.")
    return told


def _people(number: int) -> str:
    return f"{number} {'person' if number == 1 else 'people'}"


def _has(who: int) -> str:
    return f"{who} {'has' if who == 1 else 'have'} the kind of key it takes"


def _able(found: Registry, classes: frozenset[str]) -> int:
    return len(
        {
            found.canonical_person(person.person_id)
            for person in found.persons
            if "approver" in person.roles
            and any(key.status == "active" and key.key_class in classes for key in person.keys)
        }
    )


def _needs(policy: Policy) -> list[tuple[str, str, str]]:
    told = []
    for tier in ("CRITICAL", "HIGH", "MEDIUM"):
        limits = [limit for limit in policy.limits if limit.tier == tier and not limit.auto]
        people = [limit.people for limit in limits] + ([policy.unlisted.people] if tier == "CRITICAL" else [])
        if people:
            most, least = max(people), min(people)
            number = f"{least}" if most == least else f"{least} to {most}"
            named = plural(len(limits), "limit")
            what = "whatever no limit names" if tier == "CRITICAL" and not limits else named
            told.append((tier, what, f"{number} {'person' if most == 1 else 'people'}"))
    return told


def _version(row: RegistryVersion, by: list[str]) -> Version:
    entry = Entry.objects.filter(verb="registry.published", subject=f"registry:{row.version}").order_by("pk").first()
    why = str(facts_of(entry).get("why", "")) if entry else ""
    return Version(
        version=row.version,
        at=row.created_at,
        why=WHY.get(why, why),
        by=", ".join(by),
        subject=f"registry:{row.version}",
    )
