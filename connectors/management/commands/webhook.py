"""Keep the webhooks that are told what happens, as CloudEvents."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connectors.models import Webhook
from connectors.outbound.events import NOUNS
from connectors.outbound.keeping import facts_of, latest_seq, row_of, webhook_of
from connectors.services.add_webhook import Made, add_webhook
from connectors.services.pause_webhook import pause_webhook
from connectors.services.remove_webhook import remove_webhook
from connectors.services.resume_webhook import SKIPS, resume_webhook
from connectors.services.rotate_webhook import rotate_webhook
from connectors.services.try_webhook import try_webhook
from core.actors import SYSTEM
from core.errors import ConsoleError

SHOWN = 20


class Command(BaseCommand):
    help = "Keeps the webhooks that are told what happens, as signed CloudEvents."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser("add", help="tell an address what happens from now on; its secret is shown once")
        add.add_argument("name", help="a short name, such as chat")
        add.add_argument("url", help="such as https://example.com/hook")
        add.add_argument(
            "--events",
            nargs="+",
            required=True,
            metavar="TYPE",
            help=f"such as incident.* or alert.fired, or '*' for all; nouns: {', '.join(sorted(NOUNS))}",
        )
        rotate = verbs.add_parser("rotate", help="a new secret, shown once; the old one counts for a day beside it")
        rotate.add_argument("--at-once", action="store_true", help="the old one stops counting now")
        resume = verbs.add_parser("resume", help="go on where it stopped")
        resume.add_argument("--skip", choices=SKIPS, default="nothing", help="pass over one record, or all that waits")
        rest = {
            "pause": "send nothing until it is resumed",
            "remove": "forget it",
            "test": "send it one event that means nothing",
            "deliveries": "what was sent to it last, and what came of it",
        }
        named = [rotate, resume, *(verbs.add_parser(verb, help=text) for verb, text in rest.items())]
        for verb in named:
            verb.add_argument("name")
        for verb in (add, verbs.add_parser("list", help="how each of them stands"), *named):
            verb.add_argument("--json", action="store_true", dest="as_json", help="print JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except ConsoleError as error:
            raise CommandError(error.detail) from error

    def _add(self, options: dict[str, Any]) -> None:
        self._show(add_webhook(options["name"], options["url"], options["events"], actor=SYSTEM), options)

    def _rotate(self, options: dict[str, Any]) -> None:
        self._show(rotate_webhook(options["name"], at_once=options["at_once"], actor=SYSTEM), options)

    def _pause(self, options: dict[str, Any]) -> None:
        self._tell(pause_webhook(options["name"], actor=SYSTEM), options)

    def _resume(self, options: dict[str, Any]) -> None:
        self._tell(resume_webhook(options["name"], skip=options["skip"], actor=SYSTEM), options)

    def _remove(self, options: dict[str, Any]) -> None:
        remove_webhook(options["name"], actor=SYSTEM)
        self.stdout.write(json.dumps({"removed": options["name"]}) if options["as_json"] else "It is removed.")

    def _list(self, options: dict[str, Any]) -> None:
        for webhook in Webhook.objects.order_by("name"):
            self._tell(webhook, options)

    def _test(self, options: dict[str, Any]) -> None:
        answer = try_webhook(options["name"], actor=SYSTEM)
        facts = {"status": answer.status, "trouble": answer.trouble, "took_ms": answer.took_ms}
        said = f"It answered {answer.status} after {answer.took_ms} ms." if answer.status else answer.trouble
        self.stdout.write(json.dumps(facts) if options["as_json"] else said)
        if not 200 <= answer.status < 300:
            sys.exit(1)

    def _deliveries(self, options: dict[str, Any]) -> None:
        for row in webhook_of(options["name"]).deliveries.order_by("-pk")[:SHOWN]:
            facts = row_of(row)
            said = (str(facts[key]) for key in ("tried_at", "type", "subject", "status", "attempts", "error"))
            self.stdout.write(json.dumps(facts) if options["as_json"] else "  ".join(said).rstrip())

    def _show(self, made: Made, options: dict[str, Any]) -> None:
        facts = facts_of(made.webhook, latest_seq())
        if options["as_json"]:
            self.stdout.write(json.dumps({**facts, "secret": made.secret}))
            return
        self.stdout.write(f"{made.webhook.name} is told {', '.join(made.webhook.events)} at {made.webhook.url}")
        self.stdout.write(f"\n  {made.secret}\n\nThat is the secret it checks signatures with. It is shown this once.")

    def _tell(self, webhook: Webhook, options: dict[str, Any]) -> None:
        facts = facts_of(webhook, latest_seq())
        if options["as_json"]:
            self.stdout.write(json.dumps(facts))
            return
        behind = f"{facts['records_behind']} records behind" if facts["records_behind"] else "up to date"
        why = f": {facts['why']}" if facts["why"] else ""
        self.stdout.write(f"{webhook.name}  {facts['state']}, {behind}{why}  {' '.join(webhook.events)}  {webhook.url}")
