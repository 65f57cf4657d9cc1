"""Put a mapping in force: how a source of the kind `mapped` is read from now on."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from audit import ledger
from connectors.adapters import in_force
from connectors.finding import kept_source
from connectors.mapping.document import check
from connectors.models import SourceMapping
from connectors.sources.mapped import Mapped
from core import clock, live
from core.actors import Actor
from core.errors import BadInputError, TooLargeError, WrongStateError

MOST_BYTES = 32_000


@transaction.atomic
def map_source(slug: str, document: Mapping[str, Any], *, after: int, actor: Actor) -> SourceMapping:
    """Make the next version of a source's mapping; `after` is the version that it was made from, 0 for none.

    Raises:
        NotPermittedError: The actor is a person without the admin's role.
        NotFoundError: There is no such source.
        MappingError: The mapping cannot be used.
        BadInputError: The source has an adapter of its own, or the mapping says what is in force already.
        WrongStateError: Somebody put another version in force meanwhile.
    """
    source = kept_source(slug, actor=actor)
    if source.kind != Mapped.slug:
        detail = f"{source.name} is read by its own adapter. Only a source of the kind mapped has a mapping."
        raise BadInputError(detail)
    check(document)
    told = json.dumps(document, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    if len(told) > MOST_BYTES:
        detail = f"A mapping has at most {MOST_BYTES:,} bytes, and this one {len(told):,}."
        raise TooLargeError(detail)
    before = in_force(source)
    version = before.version if before else 0
    if version != after:
        detail = (
            f"Version {version} was put in force meanwhile, and yours was made from {after or 'none'}. Compare first."
        )
        raise WrongStateError(detail, version=version)
    if before is not None and before.document == document:
        detail = f"Version {version}, which is in force, says the same."
        raise BadInputError(detail)

    made = SourceMapping.objects.create(
        source=source, version=version + 1, document=document, made_by=actor.id, made_at=clock.now()
    )
    facts = {
        "version": made.version,
        "sha256": hashlib.sha256(told.encode()).hexdigest(),
        "document": told,
    }
    ledger.append(actor=actor, verb="source.mapped", subject=f"source:{slug}", facts=facts)
    live.changed("sources")
    return made
