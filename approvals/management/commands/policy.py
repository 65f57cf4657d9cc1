"""`./manage.py policy activate NAME-OR-FILE` and `./manage.py policy list`."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from approvals import activation, bundles
from approvals.models import PolicyVersion
from approvals.services.activate_policy import activate_policy
from core import clock
from core.actors import SYSTEM
from core.errors import ConsoleError


class Command(BaseCommand):
    help = "The policy in force."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        activate = verbs.add_parser("activate", help="put a policy in force; open requests are voided and asked again")
        activate.add_argument("source", metavar="NAME-OR-FILE", help="a shipped policy (default, lab) or a YAML file")
        listing = verbs.add_parser("list", help="list versions, the newest is in force")
        for parser_of_verb in (activate, listing):
            parser_of_verb.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["verb"] == "activate":
                source = options["source"]
                is_shipped = (bundles.SHIPPED / f"{source}.yaml").exists() and "/" not in source
                self._activate(source if is_shipped else Path(source), options)
            else:
                for row in PolicyVersion.objects.order_by("version"):
                    self._tell(row, options)
        except ConsoleError as error:
            raise CommandError(error.detail) from error

    def _activate(self, source: str | Path, options: dict[str, Any]) -> None:
        now = PolicyVersion.objects.count()
        voids = len(activation.would_void(bundles.draft_of(source)))
        found = activate_policy(source, actor=SYSTEM)
        if isinstance(found, PolicyVersion):
            self._tell(found, options)
            if not options["json"] and PolicyVersion.objects.count() > now:
                self.stdout.write(f"It voided {voids} open request(s), which are asked again under the new rules.")
            return
        told = {"draft": found.pk, "version": found.version, "sha256": found.document_sha256, "voids": voids}
        text = (
            f"Policy {found.version} is draft {found.pk}: the root's members have to sign it. It would void {voids}"
            f" open request(s) and every signature given to them. Sign: ./manage.py keys cosign {found.pk}"
        )
        self.stdout.write(json.dumps(told) if options["json"] else text)

    def _tell(self, row: PolicyVersion, options: dict[str, Any]) -> None:
        told = {"version": row.version, "sha256": row.sha256, "created_at": clock.rfc3339(row.created_at)}
        text = f"Policy {row.version}, {row.sha256[:16]}, since {told['created_at']}."
        self.stdout.write(json.dumps(told) if options["json"] else text)
