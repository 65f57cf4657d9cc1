"""Connect ServiceNow, look how it stands, take services from its CMDB, and send again what it refused."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connectors.models import Bond, Connection, Ticket
from connectors.registry import TICKETS
from connectors.services.connect import connect
from connectors.services.import_services import import_services
from connectors.services.send_again import send_again
from connectors.services.tell_outside import tell_outside
from core import clock
from core.actors import SYSTEM
from core.errors import ConsoleError

SECRETS = frozenset({"user", "password", "client_id", "client_secret", "hmac"})


class Command(BaseCommand):
    help = "Connects ServiceNow, shows how it stands, and sends again what it refused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        made = verbs.add_parser("connect", help="connect an instance, or bring its settings up to date")
        made.add_argument("--name", required=True, help="a short name, such as snow")
        made.add_argument("--config", required=True, type=Path, help="a JSON file: url, user_name, source, maps, …")
        made.add_argument("--secret", default="", help="a JSON file with the account; - for standard input")
        made.add_argument("--environment", default="", help="tell it about this environment alone")
        verbs.add_parser("sync", help="send and read now what is due")
        status = verbs.add_parser("status", help="what waits, what was refused and why")
        status.add_argument("--json", action="store_true", dest="as_json", help="print JSON")
        taken = verbs.add_parser("import", help="enter the services of its CMDB into the catalogue")
        taken.add_argument("name", help="the connection")
        taken.add_argument("--dry-run", action="store_true", dest="dry", help="only say what would be entered")
        again = verbs.add_parser("again", help="send a refused ticket again")
        again.add_argument("ticket", type=int, help="its number in `status`")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except ConsoleError as error:
            raise CommandError(error.detail) from error

    def _connect(self, options: dict[str, Any]) -> None:
        config, secret = _read(str(options["config"])), _read(options["secret"]) if options["secret"] else None
        odd = sorted(set(secret or {}) - SECRETS) + sorted(set(config) & SECRETS - {"user"})
        if odd:
            detail = f"These do not belong there: {', '.join(odd)}. The account goes into --secret, all else not."
            raise CommandError(detail)
        made = connect("servicenow", options["name"], options["environment"], config, secret, actor=SYSTEM)
        self.stdout.write(f"{made.name} is connected to {made.config['url']}.")

    def _sync(self, _options: dict[str, Any]) -> None:
        self.stdout.write(f"Sent {tell_outside()}.")
        for connection in Connection.objects.filter(kind__in=TICKETS, is_active=True):
            bond = Bond.objects.filter(connection=connection).first()
            self.stdout.write(f"{connection.name}: {bond.error or 'fine'}" if bond else f"{connection.name}: not yet")

    def _import(self, options: dict[str, Any]) -> None:
        connection = Connection.objects.filter(kind="servicenow", name=options["name"], is_active=True).first()
        if connection is None:
            detail = f"No ServiceNow is connected by the name {options['name']!r}. Look: ./manage.py servicenow status"
            raise CommandError(detail)
        done = import_services(connection, actor=SYSTEM, dry=options["dry"])
        for what, slugs in (("new", done.new), ("changed", done.changed)):
            for slug in slugs:
                self.stdout.write(f"{what:8} {slug}")
        for sentence in done.left:
            self.stdout.write(f"left     {sentence}")
        did = "would be entered" if options["dry"] else "entered"
        self.stdout.write(f"{len(done.new)} new, {len(done.changed)} changed {did}; {len(done.same)} as they were.")

    def _again(self, options: dict[str, Any]) -> None:
        send_again(options["ticket"], actor=SYSTEM)
        self.stdout.write("It is sent again with the next round.")

    def _status(self, options: dict[str, Any]) -> None:
        for facts in [*map(_of_bond, Bond.objects.select_related("connection").order_by("pk")), *_behind()]:
            self.stdout.write(json.dumps(facts) if options["as_json"] else "  ".join(f"{v}" for v in facts.values()))


def _read(name: str) -> dict[str, Any]:
    try:
        told = json.loads(sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        detail = f"{name} cannot be read as JSON: {error}"
        raise CommandError(detail) from error
    if not isinstance(told, dict):
        detail = f"{name} must hold one JSON object."
        raise CommandError(detail)
    return told


def _of_bond(bond: Bond) -> dict[str, Any]:
    return {
        "connection": bond.connection.name,
        "paused_until": clock.rfc3339(bond.paused_until) if bond.paused_until else "",
        "answered_at": clock.rfc3339(bond.answered_at) if bond.answered_at else "",
        "error": bond.error,
    }


def _behind() -> list[dict[str, Any]]:
    rows = Ticket.objects.exclude(error="").order_by("pk")[:200]
    names = ("pk", "subject", "table", "number", "refused", "error")
    return [{name: getattr(row, name) for name in names} for row in rows]
