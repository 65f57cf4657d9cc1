"""Build registry documents: the first one, and each next one as an edit of the one before."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings

from approvals import edits
from approvals.origins import relying_party, signing_url
from audit import keystore, witnesses
from core import clock
from people.models import Person
from people.selectors import recorded_roles, recorded_team
from proof.documents import REGISTRY
from proof.keys import key_id_of

SERVICES: Final = (("policy", "MEDIUM"), ("log", ""), ("executor", ""))
"""Service keys and the highest tier that each may decide alone; log and executor decide nothing."""

STANDS_FOR: Final = timedelta(days=90)
"""How long a person's entry stands unless it is renewed."""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key that is about to be enrolled.

    Attributes:
        key_class: webauthn, ssh-file, ssh-sk, ssh-sk-uv.
        public: SPKI PEM, or the OpenSSH line without its comment.
        credential_id: base64url of the WebAuthn credential; empty for SSH keys, like `rp_id` and `origins`.
        device_bound: whether it says of itself that it cannot be copied; nobody vouches for that.
    """

    key_id: str
    key_class: str
    public: str
    label: str
    credential_id: str = ""
    rp_id: str = ""
    origins: tuple[str, ...] = ()
    backup_eligible: bool = False
    device_bound: bool = False
    sign_count: int = 0


def first(people: Iterable[Person], *, audience: str, created_at: datetime) -> Document:
    """The first registry: root, services, and people without keys; trusted on first use, which the pages say."""
    root = keystore.public_pem("root")
    document: Document = {
        "_type": REGISTRY,
        "version": 1,
        "previous_sha256": "",
        "installation": keystore.installation(),
        "epoch": 1,
        "created_at": clock.rfc3339(created_at),
        "root": {
            "threshold": 1,
            "keys": [{"key_id": key_id_of(root), "public": root, "kind": "installation", "person_id": ""}],
        },
        "rp": relying_party_of(signing_url()),
        "mode": "embedded" if settings.EMBEDDED else "production",
        "services": [_service(name, tier, audience if tier else "") for name, tier in SERVICES],
        "log_keys": [str(key) for key in keystore.log_verifiers()],
        "witnesses": {"required": 0, "keys": witnesses.keys()},
        "persons": [],
    }
    for person in people:
        edits.apply(document, person_edit(person, since=created_at))
    return document


def next_after(document: Document, sha256: str, *, created_at: datetime) -> Document:
    """A copy to edit, chained to the one before."""
    following = deepcopy(document)
    following["version"] = document["version"] + 1
    following["previous_sha256"] = sha256
    following["created_at"] = clock.rfc3339(created_at)
    following["mode"] = "embedded" if settings.EMBEDDED else "production"
    return following


def relying_party_of(public_url: str) -> Document:
    """The `rp` member for an address."""
    party = relying_party(public_url)
    return {"rp_id": party.rp_id, "origins": list(party.origins)}


def person_edit(person: Person, *, since: datetime | None = None) -> edits.Edit:
    """List a person with the roles and the team that the ledger recorded; rows alone give neither."""
    return edits.person(
        person.pk,
        demo=person.is_demo,
        roles=sorted(recorded_roles(person)) if person.is_active else [],
        team=recorded_team(person),
        expires_at=clock.rfc3339((since or clock.now()) + STANDS_FOR),
    )


def key_entry(key: NewKey) -> Document:
    """A key as the registry lists it; when it was enrolled is said by the version that lists it."""
    return {
        "key_id": key.key_id,
        "class": key.key_class,
        "public": key.public,
        "credential_id": key.credential_id,
        "origins": list(key.origins),
        "rp_id": key.rp_id,
        "backup_eligible": key.backup_eligible,
        "device_bound": key.device_bound,
        "enrolled_at": "",
        "revoked_at": "",
        "revoked_index": -1,
        "compromised_since": -1,
    }


def _service(name: str, max_tier: str, audience: str) -> Document:
    public = keystore.public_pem(name)
    return {"name": name, "public": public, "key_id": key_id_of(public), "max_tier": max_tier, "audience": audience}
