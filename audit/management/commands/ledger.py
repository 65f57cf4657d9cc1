"""`./manage.py ledger recover|harden`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import signer
from audit.services.harden import harden
from audit.services.recover import recover
from core.actors import SYSTEM
from core.errors import ConsoleError

WARNING = """\
The signer signed {signed} records. This database is behind or differs. If a newer copy exists anywhere, stop here and
restore that one: what is lost may hold decisions, revocations of keys and newer policies.

Going on breaks the record where everybody can see it: the lost numbers are filled with entries "ledger.lost", an entry
"ledger.recovered" names them, and the next signed head does not lead on from the last one. Executor, witnesses and
auditors refuse it until each of them is told by hand to accept the break.

To go on: ./manage.py ledger recover --reason "…" --yes
"""


class Command(BaseCommand):
    help = "The ledger's emergencies and its walls."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        again = verbs.add_parser("recover", help="go on from a database that holds less than was signed")
        again.add_argument("--reason", default="", help="what happened; it stands in the record for ever")
        again.add_argument("--yes", action="store_true", help="the newest copy is lost, I know what that means")

        walls = verbs.add_parser("harden", help="let a database role append, and change nothing (PostgreSQL, as owner)")
        walls.add_argument("--role", required=True, help="the role in the application's DATABASE_URL; it must exist")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["verb"] == "harden":
                tables = harden(options["role"])
                self.stdout.write(f"{options['role']} may read and append to {tables} tables, and change none of them.")
            else:
                self.recover(options["reason"], sure=options["yes"])
        except ConsoleError as error:
            raise CommandError(error.detail) from error

    def recover(self, reason: str, *, sure: bool) -> None:
        if not sure:
            self.stdout.write(WARNING.format(signed=signer.last_head().size))
            sys.exit(1)
        done = recover(reason=reason, actor=SYSTEM)
        self.stdout.write(
            f"Records {done.first} to {done.size - 1} are lost, and the record says so. It goes on at record "
            f"{done.size + 1}.\nThe signed root that nothing leads on from any more: {done.root}\n"
            "Look now at: revoked keys, policy and registry version, decisions since the copy was made. "
            "Executor and witnesses must be told by hand to accept the break."
        )
