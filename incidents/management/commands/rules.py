"""`./manage.py rules check FILE|apply FILE|show`."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.actors import SYSTEM
from core.errors import ConsoleError
from incidents.correlation.rules import MAX_SIZE, RulesError, check_rules
from incidents.models import RuleSet
from incidents.ruling import held_by_rule
from incidents.services.apply_rules import apply_rules


class Command(BaseCommand):
    help = "The installation's rules about alerts: what to ignore, set, or wait for."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        check = verbs.add_parser("check", help="say everything that is wrong with a file; nothing is stored")
        apply = verbs.add_parser("apply", help="put a file into force as the next version")
        for verb in (check, apply):
            verb.add_argument("file", type=Path)
        show = verbs.add_parser("show", help="print the rules in force, and how many alerts each holds back")
        for verb in (check, apply, show):
            verb.add_argument("--json", action="store_true", dest="as_json", help="print JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["verb"] == "show":
            self._show(as_json=options["as_json"])
            return
        text = _read(options["file"])
        try:
            rules = check_rules(text)
            row = apply_rules(text, actor=SYSTEM) if options["verb"] == "apply" else None
        except RulesError as error:
            raise CommandError("\n".join(error.problems)) from error
        except ConsoleError as error:
            raise CommandError(error.detail) from error
        names = [rule.name for rule in rules]
        if options["as_json"]:
            self.stdout.write(json.dumps({"rules": names, "version": row.version if row else None}))
        else:
            done = f"in force as version {row.version}" if row else "can be used"
            self.stdout.write(f"{len(names)} rules {done}: {', '.join(names) or 'none'}")

    def _show(self, *, as_json: bool) -> None:
        row, held = RuleSet.objects.order_by("-version").first(), held_by_rule()
        if as_json:
            facts = {"version": row.version if row else None, "text": row.text if row else "", "held": held}
            self.stdout.write(json.dumps(facts))
            return
        self.stdout.write(row.text if row else "No rules are in force.")
        for name, number in sorted(held.items()):
            self.stderr.write(f"{name} holds {number} alerts back")


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(4 * MAX_SIZE).decode()
    except (OSError, UnicodeDecodeError) as error:
        detail = f"{path} cannot be read as text: {error}"
        raise CommandError(detail) from error
