"""`./manage.py services check FILE|apply FILE|show`."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.actors import SYSTEM
from core.errors import ConsoleError
from incidents import catalogue
from incidents.services.register_services import register_services


class Command(BaseCommand):
    help = "The catalogue of services as a YAML file: which there are, whose they are, and what they call."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        check = verbs.add_parser("check", help="say everything that is wrong with a file; nothing is stored")
        apply = verbs.add_parser("apply", help="enter what a file says; services it does not name stay as they are")
        for verb in (check, apply):
            verb.add_argument("file", type=Path)
            verb.add_argument("--json", action="store_true", dest="as_json", help="print JSON")
        verbs.add_parser("show", help="print the catalogue as such a file")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["verb"] == "show":
            self.stdout.write(catalogue.write() or "[]")
            return
        try:
            told = catalogue.parse(_read(options["file"]))
            if options["verb"] == "apply":
                register_services(told, actor=SYSTEM)
        except ConsoleError as error:
            raise CommandError(error.detail) from error
        if options["as_json"]:
            self.stdout.write(json.dumps({"services": [one["slug"] for one in told]}))
        else:
            done = "are in the catalogue" if options["verb"] == "apply" else "can be entered"
            self.stdout.write(f"{len(told)} services {done}.")


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(4 * catalogue.MAX_SIZE + 1).decode()
    except (OSError, UnicodeDecodeError) as error:
        detail = f"{path} cannot be read as text: {error}"
        raise CommandError(detail) from error
