"""`./manage.py lab break NAME`, `lab heal`, `lab status`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from console import labctl
from core.errors import ConsoleError


class Command(BaseCommand):
    """Break something in the lab, or heal it."""

    help = "Break something in the running lab, heal it, or say how it is."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        breaking = verbs.add_parser("break", help="inject a fault: bad-config, leak, red-herring")
        breaking.add_argument("name")
        verbs.add_parser("connect", help="enter the running lab's services and connections (the embedded mode does it)")
        verbs.add_parser("heal", help="undo every fault")
        status = verbs.add_parser("status", help="say how the lab is")
        status.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        arguments = [options["name"]] if options["verb"] == "break" else []
        if options.get("json"):
            arguments.append("--json")
        try:
            if options["verb"] == "connect":
                labctl.connect_lab(labctl.described())
                return
            self.stdout.write(labctl.run(options["verb"], *arguments))
        except ConsoleError as error:
            raise CommandError(error.detail) from error
