"""`./manage.py person add NAME --role ROLE…`."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.text import slugify

from core.actors import SYSTEM, Role
from core.errors import ConsoleError
from people.services.add_person import add_person


class Command(BaseCommand):
    help = "People of this console."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        add = verbs.add_parser("add", help="make a person known")
        add.add_argument("name", metavar="NAME", help="as people see it, such as 'Ada Lovelace'")
        add.add_argument("--role", nargs="+", action="extend", required=True, choices=sorted(Role), metavar="ROLE")
        add.add_argument("--handle", default="", help="short name for commands; made from NAME unless given")
        add.add_argument("--json", action="store_true", help="print the person as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        handle = options["handle"] or slugify(options["name"])
        try:
            person = add_person(handle, options["name"], options["role"], actor=SYSTEM)
        except ConsoleError as error:
            raise CommandError(error.detail) from error
        if options["json"]:
            roles = sorted(person.roles)
            self.stdout.write(json.dumps({"id": person.pk, "handle": handle, "name": person.name, "roles": roles}))
        else:
            self.stdout.write(f"{person.name} is known as {handle} (id {person.pk}).")
