"""`./manage.py audit fsck` and `./manage.py audit export`."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.services.export import export
from audit.services.fsck import fsck
from core.actors import SYSTEM
from core.errors import ConsoleError


class Command(BaseCommand):
    help = "Examine the ledger, or carry it away."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        examine = verbs.add_parser("fsck", help="recompute the ledger; exit 1 and say where it first differs")
        examine.add_argument("--json", action="store_true", help="print the findings as JSON")
        carry = verbs.add_parser("export", help="write a bundle that `python -m proof` checks anywhere")
        carry.add_argument("--out", required=True, type=Path, metavar="BUNDLE.tar", help="where to write it")
        carry.add_argument("--subject", default="", help="such as incident:42; a selection instead of everything")
        carry.add_argument("--without-facts", action="store_true", help="leave out names, words and other particulars")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "fsck":
            self.examine(as_json=options["json"])
        else:
            self.carry(options["out"], options["subject"], with_facts=not options["without_facts"])

    def examine(self, *, as_json: bool) -> None:
        report = fsck()
        self.stdout.write(json.dumps(report.as_json(), indent=2) if as_json else report.as_text())
        if not report.intact:
            sys.exit(1)

    def carry(self, out: Path, subject: str, *, with_facts: bool) -> None:
        try:
            content = export(actor=SYSTEM, subject=subject, with_facts=with_facts)
            # Facts may hold names: the file is for this account alone.
            with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
                stream.write(content)
        except ConsoleError as error:
            raise CommandError(error.detail) from error
        except OSError as error:
            detail = f"{out} cannot be written: {error.strerror}."
            raise CommandError(detail) from error
        self.stdout.write(f"Wrote {out}, {len(content)} bytes. Check it anywhere: python -m proof {out}")
