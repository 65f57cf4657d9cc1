"""List deliveries and have them read again."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connectors.finding import source_of
from connectors.models import Delivery, DeliveryState
from connectors.services.replay import replay, replay_dead
from core import clock
from core.actors import SYSTEM
from core.errors import ConsoleError


class Command(BaseCommand):
    help = "Lists deliveries and dead letters, and has them read again, such as by a newer adapter."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        listed = verbs.add_parser("list", help="list deliveries, newest first")
        listed.add_argument("--state", choices=[state.lower() for state in DeliveryState.values])
        listed.add_argument("--source", metavar="SLUG")
        listed.add_argument("--limit", type=int, default=50)
        again = verbs.add_parser("replay", help="have a delivery read again, or a source's dead letters")
        again.add_argument("id", nargs="?", help="the delivery_id")
        again.add_argument("--dead", action="store_true", help="the dead letters of --source, at most 500 in one go")
        again.add_argument("--source", metavar="SLUG")
        for verb in (listed, again):
            verb.add_argument("--json", action="store_true", dest="as_json", help="print JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            found = self._list(options) if options["verb"] == "list" else self._replay(options)
        except ConsoleError as error:
            raise CommandError(error.detail) from error
        for delivery in found:
            facts = _facts(delivery)
            self.stdout.write(json.dumps(facts) if options["as_json"] else "  ".join(map(str, facts.values())))
        if options["verb"] == "replay" and not options["as_json"]:
            self.stdout.write(f"{len(found)} put back into the inbox.")

    def _list(self, options: dict[str, Any]) -> list[Delivery]:
        found = Delivery.objects.select_related("source").defer("body").order_by("-id")
        if options["state"]:
            found = found.filter(state=options["state"].upper())
        if options["source"]:
            found = found.filter(source=source_of(options["source"]))
        return list(found[: max(1, options["limit"])])

    def _replay(self, options: dict[str, Any]) -> list[Delivery]:
        if options["id"] and not options["dead"]:
            return [replay(options["id"], actor=SYSTEM)]
        if options["dead"] and options["source"] and not options["id"]:
            return replay_dead(options["source"], actor=SYSTEM)
        detail = "Say which: a delivery_id, or --dead with --source SLUG."
        raise CommandError(detail)


def _facts(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.uid,
        "source": delivery.source.slug,
        "received_at": clock.rfc3339(delivery.received_at),
        "state": delivery.state,
        "error": delivery.error,
    }
