"""`./manage.py audit fsck` and `./manage.py audit export`."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.services.export import export_to
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
        carry.add_argument(
            "--through",
            type=int,
            action="append",
            default=[],
            metavar="SIZE",
            help="size of a head that somebody has from elsewhere; the selection then leads on from it",
        )
        carry.add_argument("--without-facts", action="store_true", help="leave out names, words and other particulars")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "fsck":
            self.examine(as_json=options["json"])
        else:
            self.carry(
                options["out"],
                options["subject"],
                with_facts=not options["without_facts"],
                through=options["through"],
            )

    def examine(self, *, as_json: bool) -> None:
        report = fsck()
        self.stdout.write(json.dumps(report.as_json(), indent=2) if as_json else report.as_text())
        if not report.intact:
            sys.exit(1)

    def carry(self, out: Path, subject: str, *, with_facts: bool, through: list[int]) -> None:
        try:
            # Facts may hold names: the file is for this account alone. A half-written one never bears the name.
            draft = out.with_name(f".{out.name}.part")
            with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
                export_to(stream, actor=SYSTEM, subject=subject, with_facts=with_facts, through=through)
            draft.replace(out)
        except ConsoleError as error:
            raise CommandError(error.detail) from error
        except OSError as error:
            detail = f"{out} cannot be written: {error.strerror}."
            raise CommandError(detail) from error
        self.stdout.write(f"Wrote {out}, {out.stat().st_size} bytes. Check it anywhere: python -m proof {out}")
