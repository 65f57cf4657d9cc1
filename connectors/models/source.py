"""A webhook endpoint of ours."""

from django.db import models


class Source(models.Model):
    """Something that sends alerts to `/hooks/<kind>/<token>`.

    Attributes:
        slug: stands in alerts and fingerprints.
        kind: the adapter, such as `alertmanager`.
        token_sha256: digest of the token in the URL, which is shown once.
        topics: ARNs of the SNS topics that an operator confirmed; then no other message is taken.
        certificates: client certificates of which one must come with each post, as `Certificate.as_json`; none: none.
        full_since: when it was first refused for want of room, until there is room again.
        autonomy: observe, suggest or act: the most that agents may do about what this source reports.
    """

    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    token_sha256 = models.CharField(max_length=64, unique=True)
    autonomy = models.CharField(max_length=10, default="observe")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    topics = models.JSONField(default=list, blank=True)
    certificates = models.JSONField(default=list, blank=True)
    full_since = models.DateTimeField(null=True)
    last_delivery_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
