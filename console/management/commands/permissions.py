"""`./manage.py permissions`: the table of permissions as docs/permissions.md."""

from typing import Any

from django.core.management.base import BaseCommand

from console.permission_table import markdown


class Command(BaseCommand):
    help = "Print who may do what, as docs/permissions.md."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(markdown(), ending="")
