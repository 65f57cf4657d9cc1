"""`./manage.py delegate give|end|list`: lend your right to sign, signed with your SSH key over the public API."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from approvals.selectors import delegations
from approvals.signing import acts, here
from approvals.signing.keys import SigningKey, read_key, usual_key
from core import clock
from core.errors import ConsoleError
from people.models import Person
from people.selectors import active_person


class Command(BaseCommand):
    help = "Lend your right to sign to somebody who has one of their own: for named actions, for 14 days at most."
    requires_system_checks: list[str] = []  # noqa: RUF012 -- Django's own class attribute

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        give = verbs.add_parser("give", help="lend it")
        give.add_argument("--to", required=True, metavar="NAME", help="handle of who may sign for you, or their id")
        give.add_argument("--action", nargs="+", action="extend", required=True, help="such as restart-service")
        give.add_argument("--target", nargs="+", action="extend", required=True, help="such as lab/checkout or lab/*")
        give.add_argument("--days", type=float, default=7.0, help="for how long, 14 at most; 7 unless given")
        give.add_argument("--from", dest="begins", default="", metavar="TIME", help="from when on, in UTC; now if not")
        here.add_place(give)
        end = verbs.add_parser("end", help="end one early; either of the two may")
        end.add_argument("id", help="its id, or its beginning")
        here.add_place(end)
        listing = verbs.add_parser("list", help="who may sign for whom, on this installation")
        listing.add_argument("--person", default="", metavar="NAME", help="only those of this person")
        listing.add_argument("--json", action="store_true", help="a JSON line each")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except ConsoleError as error:
            raise CommandError(error.detail) from error

    def _give(self, options: dict[str, Any]) -> None:
        key = _key(options)
        console = here.console(options, key=key)
        uid, begins = console.get("delegations/")["new_id"], _moment(options["begins"])
        particulars = {
            "id": uid,
            "delegate": _person_id(options["to"]),
            "actions": ", ".join(options["action"]),
            "targets": ", ".join(options["target"]),
            "not_before": clock.rfc3339(begins),
            "not_after": clock.rfc3339(begins + timedelta(days=options["days"])),
        }
        self._say(acts.sign_act(console, key, "delegate", f"delegation:{uid}", particulars), options)

    def _end(self, options: dict[str, Any]) -> None:
        key = _key(options)
        console = here.console(options, key=key)
        found = [one["id"] for one in console.get("delegations/")["results"] if one["id"].startswith(options["id"])]
        if len(found) != 1:
            detail = "No one delegation of yours has this id. See ./manage.py delegate list."
            raise CommandError(detail)
        self._say(acts.sign_act(console, key, "end-delegation", f"delegation:{found[0]}", {}), options)

    def _list(self, options: dict[str, Any]) -> None:
        person_id = active_person(options["person"]).pk if options["person"] else ""
        for one in delegations(person_id):
            told = {"id": one.id, "state": one.state, "sentence": one.sentence}
            until = f"{one.not_after:%Y-%m-%d %H:%M} UTC"
            self.stdout.write(
                json.dumps(told) if options["json"] else f"{one.id[:12]}  {one.state:7} until {until}  {one.sentence}"
            )

    def _say(self, answer: dict[str, Any], options: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(answer) if options["json"] else answer["sentence"])


def _key(options: dict[str, Any]) -> SigningKey:
    return read_key(Path(options["ssh_key"]).expanduser() if options["ssh_key"] else usual_key())


def _person_id(name: str) -> str:
    """The id of a handle where this command runs beside the console; else the id itself."""
    found = Person.objects.filter(handle=name, is_active=True).first()
    return found.pk if found else name


def _moment(text: str) -> datetime:
    if not text:
        return clock.now()
    try:
        return clock.from_rfc3339(text)
    except ValueError as error:
        detail = "--from is a time in UTC such as 2026-11-21T09:00:00.000000Z."
        raise CommandError(detail) from error
