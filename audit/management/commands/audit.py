"""`./manage.py audit fsck` and `./manage.py audit export`."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit.services.fsck import fsck


class Command(BaseCommand):
    help = "Examine the ledger, or carry it away."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        examine = verbs.add_parser("fsck", help="recompute the ledger; exit 1 and say where it first differs")
        examine.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        self.examine(as_json=options["json"])

    def examine(self, *, as_json: bool) -> None:
        report = fsck()
        self.stdout.write(json.dumps(report.as_json(), indent=2) if as_json else report.as_text())
        if not report.intact:
            sys.exit(1)
