"""`./manage.py kinds`: every kind of source as docs/howto/sources.md."""

from typing import Any

from django.core.management.base import BaseCommand

from console.kinds_table import page


class Command(BaseCommand):
    help = "Print every kind of source, as docs/howto/sources.md."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(page(), ending="")
