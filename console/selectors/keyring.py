"""My keys, and what they are good for under the policy in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from approvals import bundles, enrolments, registry, roots
from approvals.models import Enrolment, EnrolmentState, PersonKey
from approvals.origins import NO_PASSKEYS, relying_party, signing_url
from core import clock
from core.actors import Actor, Role
from core.errors import ConsoleError, NotFoundError
from people.models import Person
from proof.documents import TIERS, Policy, rank
from proof.registry import Registry

CLASSES = {
    "webauthn": ("laptop", "touch and PIN or face checked"),
    "ssh-sk-uv": ("terminal", "touch and PIN checked"),
    "ssh-sk": ("terminal", "touch checked"),
    "ssh-file": ("file", "cannot show that a person was present"),
}
ALGORITHMS = {"-----BEGIN PUBLIC KEY-----\nMFkw": "ES256", "-----BEGIN PUBLIC KEY-----\nMCow": "Ed25519"}
COUNTS = ("no", "one", "two", "three", "four", "five", "six")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key.

    Attributes:
        counts_for: the highest tier that it may approve; empty for none. `ready_at` ends its cool-down.
        listed: whether the signed registry lists it; a row alone counts for nothing.
        here: whether its site is where people sign now.
    """

    key_id: str
    label: str
    key_class: str
    algorithm: str
    icon: str
    proves: str
    counts_for: str
    ready_at: datetime | None
    works_at: str
    here: bool
    listed: bool
    copied: bool
    enrolled_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """The page's own part.

    Attributes:
        origin: where a passkey made now works; `problem` why none can be made.
        enrolment: the newest that is under way or waits for co-signatures.
        first_use: whether the installation's own key signs the registry alone.
        loose: whether the next key of this person needs nobody's word but theirs.
        expires_at: when their entry ends; `solo` whether policy lets one person decide what they proposed.
    """

    keys: Sequence[Key]
    origin: str
    problem: str
    is_approver: bool
    handle: str
    person_id: str
    enrolment: Enrolment | None
    owes: Sequence[str]
    cool_down: timedelta
    first_use: bool
    loose: bool
    expires_at: datetime | None
    solo: bool

    @property
    def live(self) -> Sequence[Key]:
        """Keys that are not revoked."""
        return [key for key in self.keys if key.revoked_at is None]

    @property
    def highest(self) -> str:
        """The highest tier that this person may approve now; empty for none."""
        now = [key.counts_for for key in self.live if key.counts_for and key.ready_at is None]
        return max(now, key=rank) if now else ""

    @property
    def headline(self) -> str:
        """What this person can do with them."""
        if not self.is_approver:
            return "You do not sign here"
        if not self.live:
            return "You cannot sign yet"
        return f"You can sign up to {self.highest}" if self.highest else "You can sign soon"

    @property
    def with_keys(self) -> str:
        """With which of them, in words."""
        best = [key for key in self.live if key.counts_for == self.highest and key.ready_at is None]
        if not self.highest or len(self.live) < 2:
            return ""
        return f"with {_count(len(best))} of your {_count(len(self.live))} keys"

    @property
    def passkeys(self) -> Sequence[Key]:
        """Those that can sign on this page."""
        return [key for key in self.live if key.key_class == "webauthn" and key.here]


def read(person: Person, actor: Actor) -> Keyring:
    """This person's keys, live ones first."""
    found, policy = _registry(), _policy()
    party = relying_party(signing_url())
    rows = PersonKey.objects.filter(person_id=person.pk).order_by("-enrolled_at")
    keys = sorted((_key(row, found, policy) for row in rows), key=lambda key: key.revoked_at is not None)
    new = _enrolment(person)
    first_use = found is None or roots.is_first_use(found)
    listed = found.person(person.pk) if found else None
    own = enrolments.own_keys(found, person.pk) if found else []
    return Keyring(
        keys=keys,
        origin=next(iter(found.origins if found else party.origins), ""),
        problem="" if (found.rp_id if found else party.rp_id) else NO_PASSKEYS,
        is_approver=bool(actor.roles & {Role.APPROVER, Role.ADMIN}),
        handle=person.handle,
        person_id=person.pk,
        enrolment=new,
        owes=enrolments.owes(new) if new and new.state != EnrolmentState.DRAFTED else [],
        cool_down=timedelta(seconds=policy.cool_down_s if policy else 0),
        first_use=first_use,
        loose=first_use and not own and enrolments.is_this_computer_only(),
        expires_at=clock.from_rfc3339(listed.expires_at) if listed and listed.expires_at else None,
        solo=policy is not None and policy.solo,
    )


def reach(key_class: str, policy: Policy) -> str:
    """The highest tier that a key of this class may approve under a policy; empty for none."""
    tiers = [limit.tier for limit in policy.limits if key_class in limit.classes]
    if key_class in policy.unlisted.classes:
        tiers.append(policy.unlisted.tier)
    return max(tiers, key=rank) if tiers else ""


def _registry() -> Registry | None:
    try:
        return registry.current()
    except NotFoundError:
        return None


def _policy() -> Policy | None:
    try:
        return bundles.in_force().policy
    except ConsoleError:
        return None


def _enrolment(person: Person) -> Enrolment | None:
    states = [EnrolmentState.PROVING, EnrolmentState.VOUCHING, EnrolmentState.DRAFTED]
    rows = Enrolment.objects.filter(person_id=person.pk, state__in=states).select_related("draft")
    return rows.exclude(state=EnrolmentState.PROVING, expires_at__lte=clock.now()).order_by("pk").last()


def _key(row: PersonKey, found: Registry | None, policy: Policy | None) -> Key:
    icon, proves = CLASSES.get(row.key_class, ("key", ""))
    listed = found.key(row.key_id) if found else None
    counts_for = reach(row.key_class, policy) if policy and listed else ""
    ready_at = row.enrolled_at + timedelta(seconds=policy.cool_down_s) if policy else row.enrolled_at
    cooling = ready_at > clock.now() and bool(counts_for) and rank(counts_for) >= rank(TIERS[2])
    origins = listed.origins if listed else ()
    return Key(
        key_id=row.key_id,
        label=row.label,
        key_class=row.key_class,
        algorithm=_algorithm(row.public),
        icon=icon,
        proves=proves,
        counts_for=counts_for,
        ready_at=ready_at if cooling else None,
        works_at=row.origin if row.key_class == "webauthn" else "",
        here=found is not None and bool(set(origins) & set(found.origins)),
        listed=listed is not None,
        copied=row.backup_eligible,
        enrolled_at=row.enrolled_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )


def _algorithm(public: str) -> str:
    if not public.startswith("-----"):
        return public.partition(" ")[0].removesuffix("@openssh.com")
    return next((name for head, name in ALGORITHMS.items() if public.startswith(head)), "ML-DSA")


def _count(number: int) -> str:
    return COUNTS[number] if number < len(COUNTS) else str(number)
