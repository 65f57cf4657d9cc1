"""`./manage.py token add --person NAME --scope SCOPE…`."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.actors import SYSTEM
from core.errors import ConsoleError
from people.scopes import SCOPES
from people.services.add_token import add_token


class Command(BaseCommand):
    help = "API tokens of people."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        add = verbs.add_parser("add", help="make a token and print it once")
        add.add_argument("--person", required=True, metavar="NAME", help="the person's handle")
        told = "; ".join(f"{scope}: {what[0].lower()}{what[1:]}" for scope, what in SCOPES.items())
        add.add_argument("--scope", nargs="+", action="extend", required=True, metavar="SCOPE", help=f"one of {told}")
        add.add_argument("--json", action="store_true", help="print it as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            token = add_token(options["person"], options["scope"], actor=SYSTEM)
        except ConsoleError as error:
            raise CommandError(error.detail) from error
        if options["json"]:
            found = {"person": options["person"], "scopes": sorted(set(options["scope"])), "token": token}
            self.stdout.write(json.dumps(found))
        else:
            self.stdout.write(token)
            self.stderr.write("Shown once; we keep only its digest. Send it as: Authorization: Bearer TOKEN")
