"""The adapter that reads what one source sends: its kind's, or the source's own mapping."""

from connectors.mapping.document import check
from connectors.models import Source, SourceMapping
from connectors.registry import alert_source
from connectors.sources.mapped import Mapped
from connectors.told import Source as Adapter


def adapter_of(source: Source) -> Adapter:
    """What reads this source's bodies.

    Raises:
        NotFoundError: Its kind is none of ours.
        MappingError: Its mapping was made by a version that took what this one refuses.
    """
    if source.kind != Mapped.slug:
        return alert_source(source.kind)
    latest = in_force(source)
    return Mapped(check(latest.document) if latest else None)


def in_force(source: Source) -> SourceMapping | None:
    """The newest version of its mapping, if there is one."""
    return SourceMapping.objects.filter(source=source).order_by("-version").first()
