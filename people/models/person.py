"""A person: a random id that the ledger may carry, and a name that it may not."""

import secrets
from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from core.actors import Actor


def new_person_id() -> str:
    """A random id without meaning, so that an immutable ledger never holds personal data."""
    return secrets.token_hex(8)


class Person(AbstractBaseUser):
    """A human being known to the console. Nobody has a password.

    Attributes:
        id: random, stands in ledger, registry and statements.
        handle: short unique name for commands, such as `operator`.
        is_demo: made by the embedded mode; production refuses to start with one.
    """

    password = None  # type: ignore[assignment]  # nobody has one
    id = models.CharField(max_length=16, primary_key=True, default=new_person_id)
    handle = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
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
    def roles(self) -> frozenset[str]:
        """The roles this person holds."""
        return frozenset(self.role_grants.values_list("role", flat=True))

    def as_actor(self) -> Actor:
        """This person as the one who acts."""
        return Actor(id=f"person:{self.pk}", roles=self.roles if self.is_active else frozenset())


class RoleGrant(models.Model):
    """A role that a person holds."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "role"], name="one_grant_a_role")]

    def __str__(self) -> str:
        return self.role
