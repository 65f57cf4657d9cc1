"""`./manage.py person add|email|erase|grant|withdraw|link|deactivate`."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.text import slugify

from core.actors import SYSTEM, Role
from core.errors import ConsoleError
from people.models import Person
from people.services.add_person import add_person
from people.services.deactivate_person import deactivate_person
from people.services.grant_role import grant_role
from people.services.link_people import link_people
from people.services.list_for_erasure import list_for_erasure
from people.services.set_email import set_email
from people.services.withdraw_role import withdraw_role


class Command(BaseCommand):
    help = "People of this console, and their roles."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        add = verbs.add_parser("add", help="make a person known")
        add.add_argument("name", metavar="NAME", help="as people see it, such as 'Ada Lovelace'")
        add.add_argument("--role", nargs="+", action="extend", required=True, choices=sorted(Role), metavar="ROLE")
        add.add_argument("--team", default="", help="slug of the team they are in")
        add.add_argument("--handle", default="", help="short name for commands; made from NAME unless given")
        add.add_argument("--json", action="store_true", help="print the person as JSON")
        for verb, text in (("grant", "give a role"), ("withdraw", "take a role back")):
            command = verbs.add_parser(verb, help=text)
            command.add_argument("handle", metavar="HANDLE")
            command.add_argument("role", choices=sorted(Role), metavar="ROLE")
            command.add_argument("--scope", default="", help="team:SLUG or service:ENV/SLUG; everywhere unless given")

        link = verbs.add_parser("link", help="find two persons to be one: one vote from now on")
        link.add_argument("handle", metavar="KEEP", help="who they are from now on")
        link.add_argument("other", metavar="OTHER", help="who they were as well")
        mail = verbs.add_parser("email", help="say where receipts of what somebody signed go")
        mail.add_argument("handle", metavar="HANDLE")
        mail.add_argument("address", metavar="ADDRESS", help="empty for nowhere")
        leave = verbs.add_parser("deactivate", help="let somebody in no longer")
        leave.add_argument("handle", metavar="HANDLE")
        erase = verbs.add_parser("erase", help="list what is recorded about a person, for two key-admins to sign")
        erase.add_argument("handle", metavar="HANDLE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(getattr(self, f"_{options['verb']}")(options))
        except ConsoleError as error:
            raise CommandError(error.detail) from error

    def _add(self, options: dict[str, Any]) -> str:
        handle = options["handle"] or slugify(options["name"])
        person = add_person(handle, options["name"], options["role"], team=options["team"], actor=SYSTEM)
        if not options["json"]:
            return f"{person.name} is known as {handle} (id {person.pk})."
        roles = sorted(person.roles)
        told = {"id": person.pk, "handle": handle, "name": person.name, "roles": roles, "team": person.team}
        return json.dumps(told)

    def _grant(self, options: dict[str, Any]) -> str:
        person = grant_role(options["handle"], options["role"], scope=options["scope"], actor=SYSTEM)
        return _holds(person)

    def _withdraw(self, options: dict[str, Any]) -> str:
        person = withdraw_role(options["handle"], options["role"], scope=options["scope"], actor=SYSTEM)
        return _holds(person)

    def _link(self, options: dict[str, Any]) -> str:
        person = link_people(options["handle"], options["other"], actor=SYSTEM)
        return f"{options['other']} is {person.handle} from now on. Publish the registry, so that they count once."

    def _email(self, options: dict[str, Any]) -> str:
        person = set_email(options["handle"], options["address"], actor=SYSTEM)
        return f"Receipts of what {person.handle} signs go to {person.email or 'no mail address'}."

    def _deactivate(self, options: dict[str, Any]) -> str:
        person = deactivate_person(options["handle"], actor=SYSTEM)
        return f"{person.handle} is let in no longer. A key-admin revokes their keys."

    def _erase(self, options: dict[str, Any]) -> str:
        listed = list_for_erasure(options["handle"])
        return (
            f"{listed.entries} entries hold facts about this person. Nothing is erased yet.\n"
            "Two key-admins, neither of them this person, each sign an act in the console or by the API:\n"
            f"  kind erase, subject person:{listed.person_id}, commitments {listed.digest}\n"
            "With the second signature the facts, their salts and the person's rows are gone for good. "
            "Backups and exports are yours to clean: docs/howto/erase-a-person.md."
        )


def _holds(person: Person) -> str:
    told = [f"{role} for {scope}" if scope else role for role, scope in sorted(person.grants)]
    return f"{person.handle} now holds: {', '.join(told) or 'no role'}."
