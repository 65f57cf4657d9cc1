"""What must be right before the console starts."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

DEMO_PEOPLE_IN_PRODUCTION = (
    "This database holds the demo people of the embedded mode: one human being could hold all their keys, "
    "so no quorum here would mean anything. Start production with an empty database."
)


def no_demo_people(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 -- Django's signature
    databases: Sequence[str] | None = None,
    **_: Any,  # noqa: ANN401 -- Django's signature
) -> list[CheckMessage]:
    """`manage.py check --database default` and `migrate` refuse demo people in production."""
    if databases and has_demo_people_in_production():
        return [Error(DEMO_PEOPLE_IN_PRODUCTION, id="people.E001")]
    return []


def refuse_demo_people() -> None:
    """What a production process calls before it serves or works.

    Raises:
        ImproperlyConfigured: The database holds demo people.
    """
    if has_demo_people_in_production():
        raise ImproperlyConfigured(DEMO_PEOPLE_IN_PRODUCTION)


def has_demo_people_in_production() -> bool:
    """Whether somebody in a production database was made by the embedded mode."""
    person = apps.get_model("people", "Person")
    if settings.EMBEDDED or person._meta.db_table not in connection.introspection.table_names():  # noqa: SLF001 -- Django's documented API
        return False
    return bool(person._default_manager.filter(is_demo=True).exists())  # noqa: SLF001 -- Django's documented API
