"""`./manage.py key add --person NAME --ssh-key FILE.pub` and `./manage.py key list`."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from approvals import possession
from approvals.models import PersonKey
from approvals.services.enrol_key import enrol_key
from core import clock
from core.actors import SYSTEM
from core.errors import BadInputError, ConsoleError
from people.selectors import active_person, names


class Command(BaseCommand):
    help = "Keys that people sign with."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        add = verbs.add_parser(
            "add",
            help="enrol an SSH public key, on the word of whoever runs this command here; the ledger says so",
        )
        add.add_argument("--person", required=True, metavar="NAME", help="the person's handle")
        add.add_argument("--ssh-key", required=True, metavar="FILE.pub", help="the public key")
        add.add_argument("--label", default="", help="what people call it; its comment unless given")
        add.add_argument("--json", action="store_true", help="print the key as JSON")
        listing = verbs.add_parser("list", help="list keys")
        listing.add_argument("--person", default="", metavar="NAME", help="only this person's")
        listing.add_argument("--json", action="store_true", help="a JSON line a key")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["verb"] == "add":
                self._add(options)
            else:
                self._list(options)
        except ConsoleError as error:
            raise CommandError(error.detail) from error

    def _add(self, options: dict[str, Any]) -> None:
        line = _public_line(Path(options["ssh_key"]).expanduser())
        label = options["label"] or " ".join(line.split()[2:])[:80] or Path(options["ssh_key"]).stem
        person = active_person(options["person"])
        key = enrol_key(person, possession.from_file(line, label=label), actor=SYSTEM, how="ssh-file-on-host")
        if options["json"]:
            self.stdout.write(json.dumps(_told(key, options["person"])))
            return
        self.stdout.write(f"{person.name} signs with {key.label} ({key.key_class}), key {key.key_id[:16]}.")
        self.stderr.write("Enrolled on your word, without a proof that they hold it; the ledger says so.")

    def _list(self, options: dict[str, Any]) -> None:
        keys = PersonKey.objects.order_by("person_id", "enrolled_at")
        if options["person"]:
            keys = keys.filter(person_id=active_person(options["person"]).pk)
        people = names(key.person_id for key in keys)
        for key in keys:
            handle = people[key.person_id].handle if key.person_id in people else key.person_id
            told = _told(key, handle)
            state = "revoked" if told["revoked_at"] else "active"
            text = f"{told['key_id'][:16]}  {state:8}{told['class']:10} {handle:14} {told['label']}"
            self.stdout.write(json.dumps(told) if options["json"] else text)


def _told(key: PersonKey, handle: str) -> dict[str, Any]:
    return {
        "key_id": key.key_id,
        "person": handle,
        "class": key.key_class,
        "label": key.label,
        "enrolled_at": clock.rfc3339(key.enrolled_at),
        "revoked_at": clock.rfc3339(key.revoked_at) if key.revoked_at else "",
    }


def _public_line(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        detail = f"{path} cannot be read: {error}"
        raise BadInputError(detail) from error
    if "PRIVATE KEY" in text:
        detail = f"{path} is a private key. Name the public one, {path}.pub; the private one stays with you."
        raise BadInputError(detail)
    return text
