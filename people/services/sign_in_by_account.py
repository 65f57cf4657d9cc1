"""Let somebody in whom the identity provider vouches for, and bring their roles in step with its groups."""

from django.db import transaction
from django.utils.text import slugify

from audit import ledger
from core import clock
from core.actors import SYSTEM
from core.errors import NotSignedInError
from people.identities import Identity, governed, is_let_in, roles_of
from people.models import Account, Person, RoleGrant
from people.services.add_person import add_person
from people.services.withdraw_role import withdraw_role


def sign_in_by_account(identity: Identity) -> Person:
    """The person whose account this is; made at their first sign-in, if their groups have a role here.

    Groups give roles in the console. What counts for a quorum is granted here by people, recorded, and signed into the
    registry: of that, a group that somebody is no longer in takes away, and never adds (H8).

    Raises:
        NotSignedInError: The groups have no role here, or the person may no longer come in.
    """
    if not is_let_in(identity.groups):
        _take_away(identity)
        told = ", ".join(identity.groups) or "none"
        detail = (
            f"Your company knows you, but your groups there ({told}) have no role here. "
            "Ask whoever runs this console, or whoever keeps those groups."
        )
        raise NotSignedInError(detail)
    return _let_in(identity)


@transaction.atomic
def _let_in(identity: Identity) -> Person:
    account = _account(identity)
    person = account.person
    if not person.is_active:
        detail = "You are known here, and no longer let in. Ask an admin of this console if that is a mistake."
        raise NotSignedInError(detail)
    _bring_in_step(person, identity)
    now = clock.now()
    Account.objects.filter(pk=account.pk).update(
        last_used_at=now, groups=list(identity.groups), name=identity.name[:120]
    )
    facts = {"how": "oidc", "issuer": identity.issuer, "roles": sorted(role for role, _ in person.grants)}
    ledger.append(actor=person.as_actor(), verb="person.signed_in", subject=f"person:{person.pk}", facts=facts)
    return person


def _account(identity: Identity) -> Account:
    found = Account.objects.select_for_update().select_related("person")
    account = found.filter(issuer=identity.issuer, subject=identity.subject).first()
    if account is not None:
        return account
    person = add_person(_free_handle(identity), identity.name.strip()[:120] or "Unnamed", [], actor=SYSTEM)
    return attach(person, identity)


def attach(person: Person, identity: Identity) -> Account:
    """Note that an account is this person's."""
    account = Account.objects.create(
        issuer=identity.issuer,
        subject=identity.subject,
        person=person,
        name=identity.name[:120],
        groups=list(identity.groups),
        created_at=clock.now(),
    )
    ledger.append(
        actor=person.as_actor(),
        verb="account.attached",
        subject=f"person:{person.pk}",
        facts={"issuer": identity.issuer, "subject": identity.subject},
    )
    return account


def _bring_in_step(person: Person, identity: Identity) -> None:
    given = roles_of(identity.groups)
    for role, scope in governed() - given:
        if RoleGrant.objects.filter(person=person, role=role, scope=scope, source="").exists():
            withdraw_role(person.handle, role, scope=scope, actor=SYSTEM)
    RoleGrant.objects.filter(person=person, source="oidc").delete()
    RoleGrant.objects.bulk_create(
        [RoleGrant(person=person, role=role, scope=scope, source="oidc") for role, scope in sorted(given)]
    )


@transaction.atomic
def _take_away(identity: Identity) -> None:
    account = Account.objects.filter(issuer=identity.issuer, subject=identity.subject).first()
    if account is not None and account.person.is_active:
        _bring_in_step(account.person, identity)


def _free_handle(identity: Identity) -> str:
    wanted = slugify(identity.wanted_handle.partition("@")[0])[:50].strip("-_") or "person"
    taken = set(Person.objects.filter(handle__startswith=wanted).values_list("handle", flat=True))
    return next(name for name in (wanted, *(f"{wanted}-{n}" for n in range(2, 10_000))) if name not in taken)
