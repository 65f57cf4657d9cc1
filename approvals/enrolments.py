"""Keys on their way into the registry: what each still owes before anybody believes that it is its person's.

A cookie or a token must not be enough to enrol a key, or a thief of either could sign from then on. So a new key shows
that it is held, and an older key of the same person signs for it. Whoever has no older key needs somebody else: in
production an invitation by a key-admin or by the host, once the root is people their co-signatures. Only the first key
of a person on a console that one computer alone reaches goes without; the pages say so loudly.
"""

import secrets
from dataclasses import replace
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet

from approvals import registry, revocations, roots
from approvals.models import Enrolment, EnrolmentState
from core.errors import NotFoundError, RefusedError
from proof.keys import Key
from proof.registry import Person, Registry

PROVE = "prove-possession"
PROOF, OWN_KEY, INVITATION = "proof", "own-key", "invitation"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def own_keys(found: Registry, person_id: str) -> list[Key]:
    """The keys that a person can sign with now."""
    person = found.person(person_id)
    listed = [key for key in person.keys if key.status == "active"] if person else []
    gone = revocations.recorded([key.key_id for key in listed]) if listed else {}
    return [key for key in listed if key.key_id not in gone]


def owes(enrolment: Enrolment) -> list[str]:
    """What must still happen before the key may be asked for: proof, own-key, invitation."""
    owed = [] if enrolment.proof_sha256 else [PROOF]
    found = registry.current()
    if enrolment.voucher_sha256 or enrolment.invited:
        return owed
    if own_keys(found, enrolment.person_id):
        stands_in = enrolment.is_lost and not roots.is_first_use(found)
        return owed if stands_in else [*owed, OWN_KEY]
    if not roots.is_first_use(found) or is_this_computer_only():
        return owed
    return [*owed, INVITATION]


def is_this_computer_only() -> bool:
    """Whether nobody but the people at this computer reaches the console: the embedded mode on loopback."""
    return bool(settings.EMBEDDED) and (urlsplit(settings.PUBLIC_URL).hostname or "") in LOOPBACK


def under_way(person_id: str) -> QuerySet[Enrolment]:
    """A person's enrolments that still owe something."""
    return Enrolment.objects.filter(
        person_id=person_id, state__in=[EnrolmentState.PROVING, EnrolmentState.VOUCHING]
    ).order_by("pk")


def find(person_id: str, key_id: str) -> Enrolment:
    """The enrolment of that key that is under way.

    Raises:
        NotFoundError: There is none.
    """
    found = under_way(person_id).filter(key_id=key_id).last()
    if found is None:
        detail = "No enrolment of this key is under way. Start it again on the keys page."
        raise NotFoundError(detail)
    return found


def require_own_key(found: Registry, key_id: str, person_id: str, *, subject: str, kind: str) -> None:
    """Only one's own key signs an act; a key that is not listed yet signs nothing but that it is held.

    Raises:
        RefusedError: The key is somebody else's, revoked or unknown.
    """
    if kind == PROVE and subject == f"key:{key_id}" and under_way(person_id).filter(key_id=key_id).exists():
        return
    key = found.key(key_id)
    if key is None or key.person_id is None or not secrets.compare_digest(key.person_id, person_id):
        detail = "The signed registry does not list this key as yours. Enrol it first, on the keys page."
        raise RefusedError(detail, key_id=key_id)
    if key.status != "active" or revocations.is_revoked(key_id):
        detail = "This key is revoked. Use another one, or enrol one."
        raise RefusedError(detail, key_id=key_id)


def with_new_keys(found: Registry, person_id: str) -> Registry:
    """The registry as it would be with the keys that this person is enrolling, to check what those sign."""
    new = tuple(_key_of(enrolment) for enrolment in under_way(person_id) if found.key(enrolment.key_id) is None)
    if not new:
        return found
    person = found.person(person_id) or Person(person_id=person_id, demo=False, roles=frozenset(), keys=())
    others = tuple(one for one in found.persons if one.person_id != person_id)
    return replace(found, persons=(*others, replace(person, keys=(*person.keys, *new))))


def _key_of(enrolment: Enrolment) -> Key:
    new = enrolment.key
    return Key(
        key_id=enrolment.key_id,
        key_class=new["key_class"],
        public=new["public"],
        person_id=enrolment.person_id,
        credential_id=new["credential_id"],
        rp_id=new["rp_id"],
        origins=tuple(new["origins"]),
        backup_eligible=new["backup_eligible"],
    )
