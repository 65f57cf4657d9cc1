"""Sources by their slugs, for who may look at them and who may change them."""

from connectors.intake.strict_json import scrub
from connectors.models import Source
from connectors.permissions import grants
from core.actors import Actor
from core.errors import NotFoundError
from core.permissions import Permission


def source_of(slug: str) -> Source:
    """The source of a slug.

    Raises:
        NotFoundError: There is none.
    """
    return _there(Source.objects.filter(slug=scrub(slug)).first(), slug)


def kept_source(slug: str, *, actor: Actor, lock: bool = True) -> Source:
    """The source of a slug, for who may change it; its row is held until the transaction ends.

    Raises:
        NotFoundError: There is none.
        NotPermittedError: The actor is a person without the admin's role.
    """
    rows = Source.objects.select_for_update() if lock else Source.objects
    found = rows.filter(slug=scrub(slug)).first()
    grants.require(Permission.SOURCE_ADD, actor, found)
    return _there(found, slug)


def _there(found: Source | None, slug: str) -> Source:
    if found is None:
        detail = f"There is no source {slug[:80]!r}."
        raise NotFoundError(detail)
    return found
