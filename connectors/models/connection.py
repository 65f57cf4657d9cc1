"""A system that we read from or act on."""

from django.db import models


class Connection(models.Model):
    """A configured outside system.

    Attributes:
        kind: prometheus, supervisor, git.
        config: what the connector needs, such as `{"url": "http://127.0.0.1:9090"}`.
        secret: encrypted credentials, empty where there are none.
        environment: the environment it belongs to, such as `lab`.
    """

    kind = models.CharField(max_length=40, db_index=True)
    name = models.SlugField(max_length=80, unique=True)
    environment = models.CharField(max_length=80, blank=True, db_index=True)
    config = models.JSONField(default=dict)
    secret = models.BinaryField(default=bytes)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name
