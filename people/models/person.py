"""A person: a random id that the ledger may carry, and a name that it may not."""

import secrets
from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from core import bulk
from core.actors import Actor


def new_person_id() -> str:
    """A random id without meaning, so that an immutable ledger never holds personal data."""
    return secrets.token_hex(8)


class Person(AbstractBaseUser):
    """A human being known to the console. Nobody has a password.

    Attributes:
        id: random, stands in ledger, registry and statements.
        handle: short unique name for commands, such as `operator`.
        team: slug of the team the person is in, or empty.
        same_as: the person that this one was found to be as well; this one can no longer sign in.
        email: where receipts of what they signed go; empty for nowhere. Never in the ledger.
        is_demo: made by the embedded mode; production refuses to start with one.
    """

    password = None  # type: ignore[assignment]  # nobody has one
    id = models.CharField(max_length=16, primary_key=True, default=new_person_id)
    handle = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    team = models.CharField(max_length=80, blank=True)
    is_active = models.BooleanField(default=True)
    same_as = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="also")
    email = models.EmailField(blank=True)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "handle"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[BaseUserManager[Self]] = BaseUserManager()

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        """Two letters for the person's square."""
        parts = self.name.split()
        return "".join(part[0] for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts[:1])).upper()

    @property
    def grants(self) -> frozenset[tuple[str, str]]:
        """The roles this person holds, as (role, scope); the scope is empty where a role is held everywhere."""
        return frozenset((grant.role, grant.scope) for grant in bulk.find(RoleGrant, "person", [self.pk]))

    @property
    def roles(self) -> frozenset[str]:
        """The roles this person holds everywhere."""
        return frozenset(role for role, scope in self.grants if not scope)

    def as_actor(self) -> Actor:
        """This person as the one who acts."""
        held = self.grants if self.is_active else frozenset()
        return Actor(
            id=f"person:{self.pk}",
            roles=frozenset(role for role, scope in held if not scope),
            scoped=frozenset((role, scope) for role, scope in held if scope),
            team=self.team,
        )


class RoleGrant(models.Model):
    """A role that a person holds.

    Attributes:
        scope: empty for everywhere, `team:<slug>`, or `service:<env>/<slug>`.
        source: empty where somebody here granted it, `oidc` where a group of the identity provider does.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20)
    scope = models.CharField(max_length=220, blank=True)
    source = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "role", "scope", "source"], name="one_grant_a_role_and_scope")
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.scope}".strip()
