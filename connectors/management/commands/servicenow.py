"""Connect ServiceNow, look how it stands, take services from its CMDB, and send again what it refused."""

from typing import Any

from django.core.management.base import CommandError

from connectors.management.tickets import TicketCommand, Verbs
from connectors.models import Connection
from connectors.services.import_services import import_services
from core.actors import SYSTEM


class Command(TicketCommand):
    help = "Connects ServiceNow, shows how it stands, and sends again what it refused."
    kind = "servicenow"
    secrets = frozenset({"user", "password", "client_id", "client_secret", "hmac"})
    example = "url, user_name, source, maps, …"

    def add_verbs(self, verbs: "Verbs[Any]") -> None:
        super().add_verbs(verbs)
        taken = verbs.add_parser("import", help="enter the services of its CMDB into the catalogue")
        taken.add_argument("name", help="the connection")
        taken.add_argument("--dry-run", action="store_true", dest="dry", help="only say what would be entered")

    def do_import(self, options: dict[str, Any]) -> None:
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
