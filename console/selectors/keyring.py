"""My keys, and what they are good for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from approvals.models import PersonKey, RegistryVersion
from approvals.origins import RelyingParty, relying_party
from core.actors import Actor, Role
from people.models import Person

CLASSES = {
    "webauthn": ("laptop", "touch and PIN or face checked", "up to CRITICAL"),
    "ssh-sk-uv": ("terminal", "touch and PIN checked", "up to CRITICAL"),
    "ssh-sk": ("terminal", "touch checked", "up to HIGH"),
    "ssh-file": ("file", "cannot show that a person was present", "where policy takes it"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key."""

    key_id: str
    label: str
    key_class: str
    icon: str
    proves: str
    counts_for: str
    works_at: str
    copied: bool
    enrolled_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """The page."""

    keys: Sequence[Key]
    relying_party: RelyingParty
    is_approver: bool
    registry: RegistryVersion | None
    handle: str

    @property
    def live(self) -> Sequence[Key]:
        """Keys that are not revoked."""
        return [key for key in self.keys if key.revoked_at is None]

    @property
    def headline(self) -> str:
        """What this person can do with them."""
        if not self.is_approver:
            return "You do not sign here"
        return "You can sign" if self.live else "You cannot sign yet"

    @property
    def origin(self) -> str:
        """Where a passkey made here works."""
        return self.relying_party.origins[0] if self.relying_party.origins else settings.PUBLIC_URL


def read(person: Person, actor: Actor) -> Keyring:
    """This person's keys, live ones first."""
    rows = PersonKey.objects.filter(person_id=person.pk).order_by("-enrolled_at")
    keys = sorted((_key(row) for row in rows), key=lambda key: key.revoked_at is not None)
    return Keyring(
        keys=keys,
        relying_party=relying_party(settings.PUBLIC_URL),
        is_approver=bool(actor.roles & {Role.APPROVER}) or bool(actor.scopes({Role.APPROVER})),
        registry=RegistryVersion.objects.order_by("-version").first(),
        handle=person.handle,
    )


def _key(row: PersonKey) -> Key:
    icon, proves, counts_for = CLASSES.get(row.key_class, ("key", "", ""))
    is_passkey = row.key_class == "webauthn"
    return Key(
        key_id=row.key_id,
        label=row.label,
        key_class=row.key_class,
        icon=icon,
        proves=proves,
        counts_for=counts_for,
        works_at=row.origin if is_passkey else "",
        copied=row.backup_eligible,
        enrolled_at=row.enrolled_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
