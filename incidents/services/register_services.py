"""Bring the catalogue up to date with what a file says."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from core.actors import Actor
from incidents.models import Service
from incidents.services.register_service import described, register_service


@transaction.atomic
def register_services(told: Iterable[Mapping[str, Any]], *, actor: Actor) -> list[Service]:
    """Enter each service, or none of them where one is refused. Services that are not told of stay as they are.

    Raises:
        NotPermittedError: The actor is a person without the admin's role.
    """
    return [register_service(described(**one), actor=actor) for one in told]
