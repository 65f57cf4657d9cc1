"""`./manage.py prepare`: bring the database up to date, make the first registry and the default policy."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from console import bootstrap


class Command(BaseCommand):
    """What a production installation runs before its processes start, and after each upgrade."""

    help = (
        "Migrate the database and make the first key registry and policy. Run it at each deployment; again is harmless."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012 -- Django's own class attribute

    def handle(self, *args: Any, **options: Any) -> None:
        bootstrap.prepare()
        self.stdout.write(
            f"Ready. Keys lie in {settings.DATA_DIR / 'keys'}, the executor's pins in {settings.STATE_DIR}."
        )
