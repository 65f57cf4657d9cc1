"""What the commands of all ticket systems have in common."""

import json
import sys
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError

from connectors.models import Bond, Connection, Ticket
from connectors.registry import TICKETS
from connectors.services.connect import connect
from connectors.services.send_again import send_again
from connectors.services.tell_outside import tell_outside
from core import clock
from core.actors import SYSTEM
from core.errors import ConsoleError

Verbs = _SubParsersAction


class TicketCommand(BaseCommand):
    """Connect one kind of ticket system, look how it stands, and send again what it refused.

    Attributes:
        kind: of the connection.
        secrets: the names of what goes into the account, and of nothing else.
        example: what the configuration holds.
    """

    kind: ClassVar[str]
    secrets: ClassVar[AbstractSet[str]]
    example: ClassVar[str]

    def add_arguments(self, parser: ArgumentParser) -> None:
        self.add_verbs(parser.add_subparsers(dest="verb", required=True))

    def add_verbs(self, verbs: "Verbs[Any]") -> None:
        made = verbs.add_parser("connect", help="connect an instance, or bring its settings up to date")
        made.add_argument("--name", required=True, help="a short name")
        made.add_argument("--config", required=True, type=Path, help=f"a JSON file: {self.example}")
        made.add_argument("--secret", default="", help="a JSON file with the account; - for standard input")
        made.add_argument("--environment", default="", help="tell it about this environment alone")
        verbs.add_parser("sync", help="send and read now what is due")
        status = verbs.add_parser("status", help="what waits, what was refused and why")
        status.add_argument("--json", action="store_true", dest="as_json", help="print JSON")
        again = verbs.add_parser("again", help="send a refused ticket again")
        again.add_argument("ticket", type=int, help="its number in `status`")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            getattr(self, f"do_{options['verb']}")(options)
        except ConsoleError as error:
            raise CommandError(error.detail) from error

    def do_connect(self, options: dict[str, Any]) -> None:
        config, secret = _read(str(options["config"])), _read(options["secret"]) if options["secret"] else None
        odd = sorted(set(secret or {}) - self.secrets) + sorted(set(config) & self.secrets - {"user"})
        if odd:
            detail = f"These do not belong there: {', '.join(odd)}. The account goes into --secret, all else not."
            raise CommandError(detail)
        made = connect(self.kind, options["name"], options["environment"], config, secret, actor=SYSTEM)
        self.stdout.write(f"{made.name} is connected to {made.config['url']}.")

    def do_sync(self, _options: dict[str, Any]) -> None:
        self.stdout.write(f"Sent {tell_outside()}.")
        for connection in Connection.objects.filter(kind__in=TICKETS, is_active=True):
            bond = Bond.objects.filter(connection=connection).first()
            self.stdout.write(f"{connection.name}: {bond.error or 'fine'}" if bond else f"{connection.name}: not yet")

    def do_again(self, options: dict[str, Any]) -> None:
        send_again(options["ticket"], actor=SYSTEM)
        self.stdout.write("It is sent again with the next round.")

    def do_status(self, options: dict[str, Any]) -> None:
        bonds = Bond.objects.filter(connection__kind=self.kind).select_related("connection").order_by("pk")
        for facts in [*map(_of_bond, bonds), *self._behind()]:
            self.stdout.write(json.dumps(facts) if options["as_json"] else "  ".join(f"{v}" for v in facts.values()))

    def _behind(self) -> list[dict[str, Any]]:
        rows = Ticket.objects.filter(connection__kind=self.kind).exclude(error="").order_by("pk")[:200]
        names = ("pk", "subject", "table", "number", "refused", "error")
        return [{name: getattr(row, name) for name in names} for row in rows]


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
