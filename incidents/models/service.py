"""The service catalogue and who calls whom."""

from typing import ClassVar

from django.db import models

from core.permissions import Places, place


class Service(models.Model):
    """A service.

    Attributes:
        criticality: critical, important or normal.
        autonomy: observe, suggest or act.
        factors: per catalogue action, the risk factors declared for this service, such as
            `{"restart-service": {"data": "internal", "reversibility": "full", "blast": "...", "compliance": "..."}}`;
            the key `*` is the default.
        targets: where actions on it land, such as `{"supervisor": "checkout", "config_path": "payments.json"}`.
        signals: how to read it, such as `{"error_rate": "<PromQL>", "heap": "<PromQL>", "requests": "<PromQL>"}`.
    """

    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(max_length=120)
    environment = models.CharField(max_length=80, blank=True)
    criticality = models.CharField(max_length=10, default="normal")
    autonomy = models.CharField(max_length=10, default="observe")
    stateless = models.BooleanField(default=False)
    team = models.CharField(max_length=80, blank=True)
    factors = models.JSONField(default=dict)
    targets = models.JSONField(default=dict)
    signals = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.slug

    def places(self) -> Places:
        """Where it belongs, for roles that are held in a part."""
        return (place(self.environment, self.slug, self.team),)


class Dependency(models.Model):
    """`caller` needs `callee`; both are slugs."""

    caller = models.CharField(max_length=120, db_index=True)
    callee = models.CharField(max_length=120, db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["caller", "callee"], name="one_edge_a_pair")]

    def __str__(self) -> str:
        return f"{self.caller} -> {self.callee}"
